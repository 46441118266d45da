package io.insula.tenantapi;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.controllers.node.NodeHealth;
import io.insula.tenantapi.http.Proxies;
import io.insula.tenantapi.http.Upgrades;
import io.insula.tenantapi.openapi.BuiltInDocuments;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.tunnel.Dial;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The rooms of the API server, and what each of them is for.
final class ArchitectureTest {

    private static final String ROOT = "io.insula.tenantapi";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(ROOT);

    /// Each may use those before it. The compiler keeps them apart; a wrong line in a module's pom would not be seen.
    private static final Map<String, List<String>> ARTEFACTS = artefacts(
            "model: api apply cel patch schema selector view wire",
            "store: metrics storage",
            "edge: http tunnel",
            "engine: audit auth egress ports registry service table webhook",
            "kinds: kinds quota review usage",
            "policy: admission rbac",
            "server: aggregation bootstrap client crd discovery flowcontrol openapi pipeline security server",
            "controllers: controllers");

    /// Methods that ask a name server, or open a connection.
    private static final Set<String> DIALLING = Set.of(
            "java.net.InetAddress#getByName",
            "java.net.InetAddress#getAllByName",
            "java.net.InetAddress#isReachable",
            "java.net.InetAddress#getHostName",
            "java.net.InetAddress#getCanonicalHostName",
            "java.net.InetSocketAddress#getHostName",
            "java.net.URL#openConnection",
            "java.net.URL#openStream",
            "java.net.URL#getContent",
            "java.net.Socket#connect");

    @Test
    void everyPackageIsInAnArtefact() {
        var known = ARTEFACTS.values().stream().flatMap(List::stream).toList();
        for (var each : CLASSES) {
            assertThat(known).as(each.getName()).contains(feature(each));
        }
    }

    @TestFactory
    Stream<DynamicTest> anArtefactUsesThoseBeforeItOnly() {
        var names = List.copyOf(ARTEFACTS.keySet());
        return names.stream()
                .limit(names.size() - 1L)
                .map(name -> DynamicTest.dynamicTest(
                        name,
                        () -> noClasses()
                                .that(in(List.of(name)))
                                .should()
                                .dependOnClassesThat(in(names.subList(names.indexOf(name) + 1, names.size())))
                                .check(CLASSES)));
    }

    @Test
    void hasNoCirclesAmongItsPackages() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheEtcdAdapterKnowsEtcdsClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".storage.etcd..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.etcd..", "io.grpc..")
                .check(CLASSES);
    }

    /// Objects hold any 64 bits where they count seconds: [Meta#after] takes them all.
    @Test
    void countsSecondsInOnePlace() {
        noClasses()
                .that()
                .areNotAssignableTo(Meta.class)
                .should()
                .callMethod(Instant.class, "plusSeconds", long.class)
                .orShould()
                .callMethod(Instant.class, "minusSeconds", long.class)
                .check(CLASSES);
    }

    /// Whatever can open a connection to somewhere, or ask a name server. A server that listens is none of these; what
    /// TLS shows to who checks a certificate may be a socket.
    @Test
    void onlyTheWayOutDials() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".egress..", ROOT + ".tunnel..")
                .should()
                .dependOnClassesThat(describe("can dial", ArchitectureTest::canDial))
                .orShould()
                .callConstructorWhere(describe("makes a socket", call -> isSocket(call.getTargetOwner())))
                .orShould()
                .callMethodWhere(describe(
                        "looks a name up or opens a URL",
                        call -> DIALLING.contains(call.getTargetOwner().getName() + "#" + call.getName())))
                .check(CLASSES);
    }

    /// A tunnel leads where whoever runs the server says (its host, its nodes), and never where a tenant does: nothing
    /// here may ask for one.
    @Test
    void onlyWhoRunsTheServerDigsTunnels() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Upgrades.class, Proxies.class, Dial.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Dial.class)
                .orShould()
                .callMethodWhere(describe(
                        "asks for a tunnel",
                        call -> isTunnel(call.getTargetOwner()) && !isTunnel(call.getOriginOwner())))
                .check(CLASSES);
    }

    private static boolean isTunnel(JavaClass type) {
        return type.isEquivalentTo(Upgrades.class) || type.isEquivalentTo(Proxies.class);
    }

    private static boolean isSocket(JavaClass type) {
        return type.isAssignableTo(java.net.Socket.class);
    }

    private static boolean canDial(JavaClass type) {
        String name = type.getName();
        return name.startsWith("java.net.http.")
                || name.startsWith("javax.naming.")
                || name.startsWith("io.netty.resolver.")
                || name.startsWith("io.netty.bootstrap.Bootstrap")
                || type.isAssignableTo(java.net.URLConnection.class)
                || type.isAssignableTo(javax.net.SocketFactory.class)
                || type.isAssignableTo(java.net.DatagramSocket.class)
                || type.isAssignableTo(java.nio.channels.SocketChannel.class)
                || type.isAssignableTo(java.nio.channels.DatagramChannel.class)
                || type.isAssignableTo(java.nio.channels.AsynchronousSocketChannel.class);
    }

    /// What a tenant's API server must not be able to reach.
    @Test
    void knowsNoClientOfAHost() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "org.apache.kafka..", "io.insula.isolation..", "io.insula.syncer..")
                .check(CLASSES);
    }

    @Test
    void beansAreNobodysToName() {
        classes()
                .that()
                .areAnnotatedWith(Singleton.class)
                .and()
                .doNotBelongToAnyOf(ServerComponents.class, BuiltInDocuments.class, ControllerManagers.class)
                .should()
                .bePackagePrivate()
                .check(CLASSES);
    }

    /// A kind that is no bean would compile, and be served by nobody.
    @Test
    void everyKindIsABean() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".kinds..")
                .and()
                .areAssignableTo(ResourceKind.class)
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .should()
                .beAnnotatedWith(Singleton.class)
                .check(CLASSES);
    }

    /// But for those of what tenants declare, which keep a tenant's declarations.
    @Test
    void everyPluginIsABean() {
        classes()
                .that()
                .resideOutsideOfPackage(ROOT + ".admission.extension..")
                .and()
                .areAssignableTo(AdmissionPlugin.class)
                .and()
                .areNotInterfaces()
                .should()
                .beAnnotatedWith(Singleton.class)
                .check(CLASSES);
    }

    /// But for the one that only a host runs.
    @Test
    void everyControllerIsABean() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".controllers..")
                .and()
                .implement(ControllerFactory.class)
                .and()
                .doNotBelongToAnyOf(NodeHealth.class)
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .should()
                .beAnnotatedWith(Singleton.class)
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> in(Collection<String> artefacts) {
        var features = Set.copyOf(
                artefacts.stream().flatMap(name -> features(name).stream()).toList());
        return describe(
                "are in " + artefacts,
                type -> type.getPackageName().startsWith(ROOT + ".") && features.contains(feature(type)));
    }

    private static List<String> features(String artefact) {
        return ARTEFACTS.getOrDefault(artefact, List.of());
    }

    private static String feature(JavaClass type) {
        return type.getPackageName().substring(ROOT.length()).split("\\.", 3)[1];
    }

    private static Map<String, List<String>> artefacts(String... lines) {
        var all = new LinkedHashMap<String, List<String>>();
        for (var line : lines) {
            var parts = line.split(": ", 2);
            all.put(parts[0], Arrays.asList(parts[1].split(" ")));
        }
        return all;
    }
}
