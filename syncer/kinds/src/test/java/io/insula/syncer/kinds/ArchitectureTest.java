package io.insula.syncer.kinds;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.insula.syncer.engine.Syncer;
import jakarta.inject.Singleton;
import org.junit.jupiter.api.Test;

/// What the compiler does not keep.
class ArchitectureTest {

    /// A bean's definition.
    private static final DescribedPredicate<HasName> GENERATED = nameMatching(".*\\.\\$[^.]*");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.insula.syncer.kinds");

    /// Another syncer may ask it what it does; a list of them there is none.
    @Test
    void everySyncerIsABean() {
        classes()
                .that()
                .implement(Syncer.class)
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .should()
                .bePackagePrivate()
                .andShould()
                .beAnnotatedWith(Singleton.class)
                .check(CLASSES);
    }

    /// One mapped kind is one file.
    @Test
    void nothingMakesASyncer() {
        noClasses()
                .that(not(GENERATED))
                .should()
                .callConstructorWhere(describe(
                        "it makes a syncer",
                        (JavaConstructorCall call) -> call.getTargetOwner().isAssignableTo(Syncer.class)
                                && !call.getOriginOwner().isAssignableTo(Syncer.class)))
                .check(CLASSES);
    }

    /// It is asked for many times at every event.
    @Test
    void everySyncerDeclaresItselfOnce() {
        assertThat(Beans.syncers())
                .isNotEmpty()
                .allSatisfy(syncer -> assertThat((Object) syncer.spec()).isSameAs(syncer.spec()));
    }

    @Test
    void decidesWithoutAClient() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8.kubernetes.client..", "java.net.http..", "java.nio.file..")
                .check(CLASSES);
    }
}
