package io.insula.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.insula.node");

    @Test
    void onlyTheAdapterKnowsTheWire() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.insula.node.containerd..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..", "com.google.protobuf..", "io.insula.cri..")
                .check(CLASSES);
    }

    @Test
    void thePortKnowsNoImplementation() {
        noClasses()
                .that()
                .resideInAPackage("io.insula.node.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.insula.node.containerd..", "io.fabric8..")
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.insula.node.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
