package io.insula.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.insula.controlplane.nodes.NodeBackEnd;
import io.insula.isolation.IsolationProfile;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.security.KeyStore;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// The direction of dependencies between modules, and what holds in all of them; each has an `ArchitectureTest` of its
/// own beside.
@Execution(ExecutionMode.CONCURRENT)
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            // generated: as others write it
            .withImportOption(location -> !location.contains("/io/insula/cri/"))
            .withImportOption(location -> !location.contains("/io/insula/grpc/"))
            .importPackages("io.insula");

    @Test
    void keepsTheDirectionOfModules() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("rules")
                .definedBy("io.insula.rules..")
                .layer("reconcile")
                .definedBy("io.insula.reconcile..")
                .layer("process")
                .definedBy("io.insula.process..")
                .optionalLayer("runtime interface")
                .definedBy("io.insula.cri..")
                .optionalLayer("node")
                .definedBy("io.insula.node..")
                .layer("isolation-profiles")
                .definedBy("io.insula.isolation..")
                .layer("tenant-api")
                .definedBy("io.insula.tenantapi..")
                .layer("syncer")
                .definedBy("io.insula.syncer..")
                .layer("embedded host")
                .definedBy("io.insula.host..")
                .layer("control-plane")
                .definedBy("io.insula.controlplane..")
                .whereLayer("rules")
                .mayNotAccessAnyLayer()
                .whereLayer("reconcile")
                .mayNotAccessAnyLayer()
                .whereLayer("process")
                .mayOnlyAccessLayers("reconcile")
                .whereLayer("process")
                .mayOnlyBeAccessedByLayers("node", "control-plane")
                .whereLayer("runtime interface")
                .mayNotAccessAnyLayer()
                .whereLayer("runtime interface")
                .mayOnlyBeAccessedByLayers("node")
                .whereLayer("node")
                .mayOnlyAccessLayers("process", "runtime interface", "reconcile", "rules", "tenant-api")
                .whereLayer("node")
                .mayOnlyBeAccessedByLayers("control-plane")
                .whereLayer("control-plane")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("syncer")
                .mayOnlyBeAccessedByLayers("control-plane")
                .whereLayer("embedded host")
                .mayOnlyBeAccessedByLayers("control-plane")
                .whereLayer("tenant-api")
                .mayOnlyBeAccessedByLayers("node", "embedded host", "control-plane")
                .whereLayer("isolation-profiles")
                .mayOnlyBeAccessedByLayers("syncer", "control-plane")
                .check(CLASSES);
    }

    /// Artefacts are kept apart by the compiler; within and across them no package depends on one that depends on it.
    @Test
    void hasNoCirclesAmongTheFeaturesOfTheApiServer() {
        slices().matching("io.insula.tenantapi.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void hasNoCirclesAmongThePackagesOfTheControlPlane() {
        slices().matching("io.insula.controlplane.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
        slices().matching("io.insula.host.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void hasNoCirclesAmongTheRules() {
        slices().matching("io.insula.rules.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void letsOnlyTheAdaptersKnowTheClientsOfEtcdAndContainerd() {
        noClasses()
                .that()
                // a node speaks gRPC to its containerd, and to containers that are probed by it
                .resideOutsideOfPackages(
                        "io.insula.tenantapi.storage.etcd..", "io.insula.node.containerd..", "io.insula.node.probe..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.etcd..", "io.grpc..")
                .check(CLASSES);
    }

    @Test
    void keepsProfilesAndRulesPure() {
        noClasses()
                .that()
                .resideInAnyPackage("io.insula.isolation..", "io.insula.rules..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8.kubernetes.client..", "java.net..", "java.nio.file..", "java.time..")
                .check(CLASSES);
    }

    @Test
    void keepsTenantApiFreeOfTheHostsClient() {
        noClasses()
                .that()
                .resideInAPackage("io.insula.tenantapi..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "org.apache.kafka..")
                .check(CLASSES);
    }

    /// The JVM takes more spellings than Kubernetes, and a text that two parsers take for two addresses is a way in.
    @Test
    void readsAddressesInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.insula.rules.network..")
                .should()
                .callMethod(InetAddress.class, "ofLiteral", String.class)
                .orShould()
                .callMethod(Inet4Address.class, "ofLiteral", String.class)
                .orShould()
                .callMethod(Inet4Address.class, "ofPosixLiteral", String.class)
                .orShould()
                .callMethod(Inet6Address.class, "ofLiteral", String.class)
                .because("addresses are read by IpAddress and AddressBlock")
                .check(CLASSES);
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.insula.controlplane.home.Listening")
                .should()
                .callMethod(InetAddress.class, "getByName", String.class)
                .because("it takes what looks like an address for one; Listening asks it for this machine's names only")
                .check(CLASSES);
    }

    /// One that is no bean would compile, and be served by nobody.
    @Test
    void everyNodeBackEndIsABean() {
        classes()
                .that()
                .implement(NodeBackEnd.class)
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .should()
                .beAnnotatedWith(Singleton.class)
                .check(CLASSES);
    }

    /// What a back end is made of is its own affair: a further one asks for no change elsewhere.
    @Test
    void onlyBackEndsKnowWhatRunsPods() {
        noClasses()
                .that()
                .resideInAPackage("io.insula.controlplane..")
                .and()
                .resideOutsideOfPackage("io.insula.controlplane.nodes..")
                .and()
                // has this machine join a cluster as a node of this very kind
                .doNotHaveFullyQualifiedName("io.insula.controlplane.cli.NodeCommands")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.insula.node.local..", "io.insula.node.containerd..", "io.insula.node.agent..")
                .check(CLASSES);
    }

    /// Those of this project are in memory, where their passwords are, and so protected by next to nothing.
    @Test
    void writesNoKeyStores() {
        noClasses()
                .should()
                .callMethod(KeyStore.class, "store", OutputStream.class, char[].class)
                .orShould()
                .callMethod(KeyStore.class, "store", KeyStore.LoadStoreParameter.class)
                .because("MemoryKeyStores says what such a file would be worth")
                .check(CLASSES);
    }

    /// Who adds one adds a file: there is no list of them, and nobody asks for one by its class.
    @Test
    void nothingNamesWhatIsAddedByOneFile() {
        for (Class<?> port : List.of(
                ResourceKind.class,
                AdmissionPlugin.class,
                ControllerFactory.class,
                IsolationProfile.class,
                NodeBackEnd.class)) {
            classes()
                    .that()
                    .implement(port)
                    .and()
                    .areAnnotatedWith(Singleton.class)
                    .should()
                    .bePackagePrivate()
                    .andShould(beNamedByItsOwnFileOnly())
                    .check(CLASSES);
        }
    }

    /// And by the generated definition of the bean.
    private static ArchCondition<JavaClass> beNamedByItsOwnFileOnly() {
        return new ArchCondition<>("be named by its own file only") {
            @Override
            public void check(JavaClass bean, ConditionEvents events) {
                bean.getDirectDependenciesToSelf().stream()
                        .filter(other -> !file(other.getOriginClass()).equals(file(bean)))
                        .forEach(other -> events.add(SimpleConditionEvent.violated(bean, other.getDescription())));
            }
        };
    }

    /// Definitions are called `$Bean$Definition`.
    private static String file(JavaClass type) {
        String name = type.getName();
        String inPackage = name.substring(type.getPackageName().length() + 1).replaceFirst("^\\$", "");
        return type.getPackageName() + "." + inPackage.replaceFirst("\\$.*", "");
    }

    @Test
    void hasNoMutableStatics() {
        fields().that()
                .areStatic()
                .and()
                // generated by gRPC's compiler
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage("io.insula.cri..")
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(CLASSES);
    }
}
