package io.insula.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
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
                .resideInAnyPackage("io.insula.cri..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages("io.insula.node.containerd..", "io.insula.node.probe..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..", "com.google.protobuf..", "io.insula.grpc..")
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

    /// What a pod becomes is decided without a machine, the agent works on the port, and who implements the port knows
    /// neither pods nor the API server.
    @Test
    void eachPackageKnowsOnlyWhatItNeeds() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("runtime")
                .definedBy("io.insula.node.runtime..")
                .layer("machine")
                .definedBy("io.insula.node.machine..")
                .layer("client")
                .definedBy("io.insula.node.client..")
                .layer("image")
                .definedBy("io.insula.node.image..")
                .layer("network")
                .definedBy("io.insula.node.network..")
                .layer("pod")
                .definedBy("io.insula.node.pod..")
                .layer("volumes")
                .definedBy("io.insula.node.volumes..")
                .layer("probe")
                .definedBy("io.insula.node.probe..")
                .layer("eviction")
                .definedBy("io.insula.node.eviction..")
                .layer("storage")
                .definedBy("io.insula.node.storage..")
                .layer("containerd")
                .definedBy("io.insula.node.containerd..")
                .layer("agent")
                .definedBy("io.insula.node.agent..")
                .whereLayer("runtime")
                .mayNotAccessAnyLayer()
                .whereLayer("machine")
                .mayNotAccessAnyLayer()
                .whereLayer("client")
                .mayNotAccessAnyLayer()
                .whereLayer("image")
                .mayNotAccessAnyLayer()
                .whereLayer("network")
                .mayOnlyAccessLayers("client", "machine")
                .whereLayer("pod")
                .mayOnlyAccessLayers("runtime")
                .whereLayer("probe")
                .mayOnlyAccessLayers("runtime")
                .whereLayer("eviction")
                .mayNotAccessAnyLayer()
                .whereLayer("volumes")
                .mayOnlyAccessLayers("pod", "machine")
                .whereLayer("storage")
                .mayOnlyAccessLayers("machine", "client")
                .whereLayer("containerd")
                .mayOnlyAccessLayers("runtime", "machine", "image", "network")
                .whereLayer("containerd")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("agent")
                .mayOnlyAccessLayers("runtime", "pod", "volumes", "machine", "client", "image", "probe", "eviction")
                .whereLayer("agent")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    /// Objects and queries hold any 64 bits where they count seconds: `Meta.after` takes them all.
    @Test
    void countsSecondsInOnePlace() {
        noClasses()
                .should()
                .callMethod(Instant.class, "plusSeconds", long.class)
                .orShould()
                .callMethod(Instant.class, "minusSeconds", long.class)
                .check(CLASSES);
    }

    /// Somebody may set the machine's clock while something waits: only who says when something was, to others or in
    /// answer to them, asks it. All else counts by `SteadyClock`.
    @Test
    void waitsByAClockThatNobodySets() {
        noClasses()
                .that()
                .doNotHaveSimpleName("NodeObject")
                .and()
                .doNotHaveSimpleName("NodeEvent")
                .and()
                .doNotHaveSimpleName("PodEvents")
                .and()
                .doNotHaveSimpleName("PodReport")
                .and()
                .doNotHaveSimpleName("PodWorker")
                .and()
                .doNotHaveSimpleName("ApiSources")
                .and()
                .doNotHaveSimpleName("ContainerLogs")
                .and()
                .doNotHaveSimpleName("LogRotation")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.insula.node.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
