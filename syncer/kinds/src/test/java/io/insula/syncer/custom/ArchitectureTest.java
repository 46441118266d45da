package io.insula.syncer.custom;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// What the compiler does not keep.
class ArchitectureTest {

    @Test
    void decidesWithoutAClientAndWithoutBuiltInKinds() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8.kubernetes.client..",
                        "java.net.http..",
                        "java.nio.file..",
                        "io.insula.syncer.kinds..")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.insula.syncer.custom"));
    }
}
