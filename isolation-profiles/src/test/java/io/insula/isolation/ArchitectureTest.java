package io.insula.isolation;

import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.inject.Singleton;
import org.junit.jupiter.api.Test;

/// What the compiler does not keep.
class ArchitectureTest {

    /// A bean's definition.
    private static final DescribedPredicate<HasName> GENERATED = nameMatching(".*\\.\\$[^.]*");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.insula.isolation");

    /// The generated definition of the bean is all that names it.
    @Test
    void everyProfileIsABeanThatNothingNames() {
        classes()
                .that()
                .implement(IsolationProfile.class)
                .should()
                .bePackagePrivate()
                .andShould()
                .beAnnotatedWith(Singleton.class)
                .andShould()
                .onlyHaveDependentClassesThat(GENERATED)
                .check(CLASSES);
    }

    @Test
    void hasNoOtherBeansThanItsFrontDoor() {
        classes()
                .that()
                .areAnnotatedWith(Singleton.class)
                .and()
                .doNotImplement(IsolationProfile.class)
                .should()
                .be(Profiles.class)
                .check(CLASSES);
    }

    @Test
    void isPure() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8.kubernetes.client..",
                        "java.net..",
                        "java.nio.file..",
                        "java.time..",
                        "java.util.random..",
                        "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .check(CLASSES);
    }
}
