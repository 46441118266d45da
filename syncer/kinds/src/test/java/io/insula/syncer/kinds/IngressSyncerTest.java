package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Ingresses, for a controller that all tenants share; somebody with all rights in a tenant tries to have it do more.
class IngressSyncerTest {

    private static final String SHOP = "shop.example.com";
    private static final FixedView VIEW = FixedView.of("runc")
            .withHost(IngressWorld.shared("public"), IngressWorld.claim("acme", "shop", "web", SHOP));
    private final IngressSyncer syncer = new IngressSyncer();
    private final IngressHostSyncer hosts = new IngressHostSyncer();
    private final IngressClassSyncer classes = new IngressClassSyncer();

    @Test
    void goesDownWithTheTenantsOwnServicesAndCertificates() {
        var host = onHost(ingress(SHOP, ""), VIEW);

        assertThat(host.getSpec().getIngressClassName()).isEqualTo("public");
        assertThat(host.getSpec().getRules().getFirst().getHost()).isEqualTo(SHOP);
        assertThat(Serialization.asJson(host.getSpec()))
                .contains(
                        VIEW.names().hostName("Service", "shop", "web"),
                        VIEW.names().hostName("Secret", "shop", "tls"))
                .doesNotContain("\"web\",\"port\"");
        assertThat(syncer.references(ingress(SHOP, ""), VIEW)).containsExactly(new Reference("Secret", "shop", "tls"));
    }

    /// Before the field there was an annotation, which must not speak to the host's controllers by itself.
    @Test
    void takesTheClassOfTheOldAnnotation() {
        var old = new IngressBuilder(ingress(SHOP, ""))
                .editMetadata()
                .addToAnnotations(HostIngresses.CLASS, "public")
                .endMetadata()
                .editSpec()
                .withIngressClassName(null)
                .endSpec()
                .build();

        var host = onHost(old, VIEW);

        assertThat(host.getSpec().getIngressClassName()).isEqualTo("public");
        assertThat(host.getMetadata().getAnnotations()).doesNotContainKey(HostIngresses.CLASS);
    }

    /// A class that the host keeps for itself, one that is nobody's, and one of a controller of the tenant's own.
    @Test
    void isForNobodyOnTheHostWithoutAClassThatTheHostShares() {
        var kept = new IngressClassBuilder(IngressWorld.shared("internal"))
                .editMetadata()
                .withLabels(Map.of())
                .endMetadata()
                .build();
        for (var name : List.of("internal", "nobodys")) {
            var asking = new IngressBuilder(ingress(SHOP, ""))
                    .editSpec()
                    .withIngressClassName(name)
                    .endSpec()
                    .build();
            assertThat(syncer.decide(new TenantOnly<>(asking), VIEW.withHost(kept)))
                    .isEmpty();
            assertThat(hosts.decide(new TenantOnly<>(asking), VIEW.withHost(kept)))
                    .isEmpty();
        }
        var own = new IngressClassBuilder()
                .withNewMetadata()
                .withName("public")
                .endMetadata()
                .build();
        var shadowed = VIEW.withTenant(own);
        assertThat(syncer.decide(new TenantOnly<>(ingress(SHOP, "")), shadowed)).isEmpty();
        assertThat(syncer.decide(new Paired<>(ingress(SHOP, ""), onHost(ingress(SHOP, ""), VIEW)), shadowed))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        gone -> assertThat(gone.proof()).isEqualTo(Proof.TENANT_OBJECT_NEEDS_NONE));
        assertThat(syncer.dependents(own, VIEW.withTenant(ingress(SHOP, ""))))
                .containsExactly(new Reference("Ingress", "shop", "web"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nginx.ingress.kubernetes.io/configuration-snippet | return 200;",
                "nginx.ingress.kubernetes.io/server-snippet | location /x {}",
                "nginx.ingress.kubernetes.io/auth-snippet | x",
                "nginx.ingress.kubernetes.io/modsecurity-snippet | x",
                "nginx.ingress.kubernetes.io/stream-snippet | x",
                "nginx.ingress.kubernetes.io/auth-url | http://169.254.169.254/",
                "nginx.ingress.kubernetes.io/auth-secret | kube-system/token",
                "nginx.ingress.kubernetes.io/auth-tls-secret | kube-system/ca",
                "nginx.ingress.kubernetes.io/auth-tls-match-cn | CN=x",
                "nginx.ingress.kubernetes.io/permanent-redirect | https://x/;}",
                "nginx.ingress.kubernetes.io/rewrite-target | /;}",
                "nginx.ingress.kubernetes.io/mirror-target | http://10.0.0.1",
                "nginx.ingress.kubernetes.io/upstream-vhost | globex.example.com",
                "nginx.ingress.kubernetes.io/server-alias | globex.example.com",
                "nginx.ingress.kubernetes.io/default-backend | x",
                "nginx.ingress.kubernetes.io/canary | true",
                "nginx.ingress.kubernetes.io/proxy-body-size | 8m;} location / {",
                "nginx.ingress.kubernetes.io/proxy-read-timeout | 60\\n",
                "nginx.ingress.kubernetes.io/backend-protocol | FCGI",
                "nginx.ingress.kubernetes.io/ssl-redirect | yes",
                "nginx.org/server-snippets | x",
                "haproxy.org/backend-config-snippet | x",
                "traefik.ingress.kubernetes.io/router.middlewares | kube-system-x@kubernetescrd",
                "alb.ingress.kubernetes.io/certificate-arn | arn:x",
                "cert-manager.io/cluster-issuer | host",
                "external-dns.alpha.kubernetes.io/hostname | globex.example.com",
                "insula.io/tenant | globex",
                "kubernetes.io/ingress.class | internal"
            })
    void letsNoAnnotationSpeakToTheHostsControllers(String key, String value) {
        var asking = new IngressBuilder(ingress(SHOP, ""))
                .editMetadata()
                .addToAnnotations(key, value.replace("\\n", "\n"))
                .endMetadata()
                .build();

        var changes = syncer.decide(new TenantOnly<>(asking), VIEW);
        var host = applied(changes).orElseThrow();

        assertThat(host.getMetadata().getAnnotations()).doesNotContainEntry(key, value);
        assertThat(host.getMetadata().getAnnotations().keySet()).allMatch(each -> each.startsWith(InsulaLabels.PREFIX));
        assertThat(host.getSpec().getIngressClassName()).isEqualTo("public");
        assertThat(host.getMetadata().getAnnotations()).containsEntry(InsulaLabels.TENANT, "acme");
        if (key.contains("nginx.ingress")) {
            assertThat(told(changes)).contains("metadata.annotations[" + key + "]");
        }
    }

    @Test
    void takesAnnotationsThatCanHoldNothingElse() {
        var tuned = new IngressBuilder(ingress(SHOP, ""))
                .editMetadata()
                .addToAnnotations("nginx.ingress.kubernetes.io/proxy-body-size", "8m")
                .addToAnnotations("nginx.ingress.kubernetes.io/ssl-redirect", "false")
                .endMetadata()
                .build();

        var changes = syncer.decide(new TenantOnly<>(tuned), VIEW);

        assertThat(applied(changes).orElseThrow().getMetadata().getAnnotations())
                .containsEntry("nginx.ingress.kubernetes.io/proxy-body-size", "8m")
                .containsEntry("nginx.ingress.kubernetes.io/ssl-redirect", "false");
        assertThat(changes).noneMatch(ApplyToTenant.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/;} location /x {", "/a b", "/\"x\"", "/${x}", "/a\n", "a", "/#", "/`x`"})
    void letsNoPathBecomeConfiguration(String path) {
        for (var type : List.of("Prefix", "Exact", "ImplementationSpecific")) {
            var asking = new IngressBuilder(ingress(SHOP, ""))
                    .editSpec()
                    .editFirstRule()
                    .editHttp()
                    .editFirstPath()
                    .withPath(path)
                    .withPathType(type)
                    .endPath()
                    .endHttp()
                    .endRule()
                    .endSpec()
                    .build();

            var changes = syncer.decide(new TenantOnly<>(asking), VIEW);

            assertThat(applied(changes)).as(type).isEmpty();
            assertThat(told(changes)).contains("spec.rules[0].http.paths[0].path");
        }
    }

    static Stream<Object[]> everybodys() {
        return Stream.of(
                new Object[] {"defaultBackend: {service: {name: web, port: {number: 80}}}", "spec.defaultBackend"},
                new Object[] {"rules: [{http: {paths: []}}]", "spec.rules[0].host"},
                new Object[] {"tls: [{secretName: tls}]", "spec.tls[0].hosts"},
                new Object[] {"tls: [{secretName: tls, hosts: [globex.example.com]}]", "spec.tls[0].hosts[0]"},
                new Object[] {
                    "rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {resource: "
                            + "{kind: Bucket, name: x}}}]}}]",
                    "spec.rules[0].http.paths[0].backend"
                });
    }

    @ParameterizedTest
    @MethodSource("everybodys")
    void answersForNobodyElsesNames(String spec, String field) {
        var changes = syncer.decide(new TenantOnly<>(ingress(SHOP, spec)), VIEW);

        assertThat(told(changes)).contains(field);
        applied(changes)
                .ifPresent(host -> assertThat(Serialization.asJson(host.getSpec()))
                        .doesNotContain("defaultBackend", "globex.example.com", "Bucket"));
    }

    /// The first keeps a name; the other is told, and not whose it is.
    @ParameterizedTest
    @CsvSource({
        "shop.example.com, shop.example.com",
        "shop.example.com, *.example.com",
        "*.example.com, shop.example.com",
        "*.example.com, *.example.com"
    })
    void leavesNamesToWhoClaimedThemFirst(String first, String second) {
        var view = FixedView.of("runc")
                .withHost(IngressWorld.shared("public"), IngressWorld.claim("globex", "default", "site", first));

        assertThat(hosts.decide(new TenantOnly<>(ingress(second, "")), view)).isEmpty();
        var changes = syncer.decide(new TenantOnly<>(ingress(second, "")), view);
        assertThat(applied(changes)).isEmpty();
        assertThat(told(changes)).contains("spec.rules[0].host: " + second).doesNotContain("globex");
    }

    /// A claim of one's own that came later counts for nothing, whoever wrote it.
    @Test
    void losesANameThatSomebodyClaimedBefore() {
        var view = FixedView.of("runc")
                .withHost(
                        IngressWorld.shared("public"),
                        IngressWorld.claim("globex", "default", "site", SHOP),
                        IngressWorld.claim("acme", "shop", "web", "2025-01-01T00:00:01Z", new String[] {SHOP}));
        var running = onHost(ingress(SHOP, ""), VIEW);

        assertThat(syncer.decide(new Paired<>(ingress(SHOP, ""), running), view))
                .anyMatch(DeleteFromHost.class::isInstance);
        assertThat(hosts.decide(
                        new Paired<>(
                                ingress(SHOP, ""),
                                view.hostObjects(Kinds.INGRESS_HOSTS).getLast()),
                        view))
                .as("it waits for the name")
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToHost.class, kept -> assertThat(isEnding(kept)).isFalse());
    }

    /// Whether the tenant gives it up is not this credential's to say.
    @Test
    void givesNoNameAwayItself() {
        var claim =
                IngressWorld.claim("acme", "shop", "web", IngressWorld.LONG_AGO, new String[] {SHOP, "b.example.com"});
        var view = FixedView.of("runc").withHost(IngressWorld.shared("public"), claim);

        var narrowed = hosts.decide(new Paired<>(ingress(SHOP, ""), claim), view);
        assertThat(narrowed).singleElement().isInstanceOfSatisfying(ApplyToHost.class, kept -> {
            assertThat(isEnding(kept)).isTrue();
            assertThat(IngressHosts.claims(kept.wanted()))
                    .extracting(IngressHosts.Claim::host)
                    .containsExactly(SHOP, "b.example.com");
        });
        var another = hosts.decide(new Paired<>(ingress("c.example.com", ""), claim), view);
        assertThat(IngressHosts.claims(((ApplyToHost) another.getFirst()).wanted()))
                .extracting(IngressHosts.Claim::host)
                .containsExactly(SHOP, "b.example.com", "c.example.com");
        assertThat(hosts.isDeletedByControlPlane()).isTrue();
        assertThat(hosts.spec().hostVerbs().values()).allMatch(verbs -> !verbs.contains("delete"));
    }

    private static boolean isEnding(ApplyToHost change) {
        return change.wanted().getMetadata().getLabels().containsKey(InsulaLabels.ENDING);
    }

    @ParameterizedTest
    @CsvSource({
        "a.example.com, b.example.com",
        "*.example.com, example.com",
        "*.example.com, a.b.example.com",
        "*.example.com, *.other.com",
        "example.com, xexample.com"
    })
    void givesDifferentNamesToDifferentTenants(String one, String other) {
        assertThat(IngressHosts.overlap(one, other)).isFalse();
        assertThat(IngressHosts.overlap(other, one)).isFalse();
    }

    @Test
    void claimsANameBeforeItIsUsed() {
        var free = FixedView.of("runc").withHost(IngressWorld.shared("public"));

        var changes = hosts.decide(new TenantOnly<>(ingress(SHOP, "")), free);

        var claim = (GenericKubernetesResource) ((ApplyToHost) changes.getFirst()).wanted();
        assertThat(claim.getMetadata().getNamespace()).isNull();
        assertThat(IngressHosts.claims(claim))
                .containsExactly(new IngressHosts.Claim(SHOP, "acme", FixedView.NOW.toString()));
        assertThat(free.names().tenantKey(claim).orElseThrow().name()).isEqualTo("web");
        assertThat(syncer.decide(new TenantOnly<>(ingress(SHOP, "")), free))
                .singleElement()
                .isInstanceOf(LookAgain.class);
    }

    /// A host that has not been listed again yet shows no claims: what runs stays.
    @Test
    void takesNothingAwayWhileNoClaimIsSeen() {
        var running = onHost(ingress(SHOP, ""), VIEW);
        var empty = FixedView.of("runc").withHost(IngressWorld.shared("public"));

        assertThat(syncer.decide(new Paired<>(ingress(SHOP, ""), running), empty))
                .singleElement()
                .isInstanceOf(LookAgain.class);
    }

    @Test
    void keepsSinceWhenANameIsClaimed() {
        var claim = VIEW.hostObjects(Kinds.INGRESS_HOSTS).getFirst();

        var changes = hosts.decide(new Paired<>(ingress(SHOP, ""), claim), VIEW);

        assertThat(IngressHosts.claims(((ApplyToHost) changes.getFirst()).wanted()))
                .containsExactly(new IngressHosts.Claim(SHOP, "acme", IngressWorld.LONG_AGO));
    }

    @Test
    void addressesComeUpAndGo() {
        var host = new IngressBuilder(onHost(ingress(SHOP, ""), VIEW))
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp("192.0.2.7")
                .endIngress()
                .endLoadBalancer()
                .endStatus()
                .build();
        var tenant = ingress(SHOP, "");

        var shown = patch(syncer.decide(new Paired<>(tenant, host), VIEW));
        assertThat(shown.orElseThrow()).contains("192.0.2.7");

        var told = new IngressBuilder(tenant).withStatus(host.getStatus()).build();
        assertThat(patch(syncer.decide(new Paired<>(told, host), VIEW))).isEmpty();
        var without = new IngressBuilder(host).withStatus(null).build();
        assertThat(patch(syncer.decide(new Paired<>(told, without), VIEW)).orElseThrow())
                .contains("\"ingress\":[]");
    }

    @Test
    void goesWithTheTenants() {
        assertThat(syncer.decide(new HostOnly<>(onHost(ingress(SHOP, ""), VIEW)), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class, gone -> assertThat(gone.proof()).isEqualTo(Proof.TENANT_OBJECT_GONE));
        assertThat(hosts.decide(
                        new HostOnly<>(VIEW.hostObjects(Kinds.INGRESS_HOSTS).getFirst()), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromHost.class);
    }

    @Test
    void classesThatAreSharedComeUpWithoutTheirParameters() {
        var shared = IngressWorld.shared("public");

        var up = (IngressClass)
                ((ApplyToTenant) classes.decide(new HostOnly<>(shared), VIEW).getFirst()).wanted();

        assertThat(up.getSpec().getController()).isEqualTo("example.com/proxy");
        assertThat(up.getSpec().getParameters()).isNull();
        var hidden = new IngressClassBuilder(shared)
                .editMetadata()
                .withLabels(Map.of())
                .endMetadata()
                .build();
        assertThat(classes.decide(new HostOnly<>(hidden), VIEW)).isEmpty();
        assertThat(classes.decide(new Paired<>(up, hidden), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        var own = new IngressClassBuilder()
                .withNewMetadata()
                .withName("public")
                .endMetadata()
                .build();
        assertThat(classes.decide(new Paired<>(own, shared), VIEW)).isEmpty();
        assertThat(syncer.dependsOn(shared)).isNotEqualTo(syncer.dependsOn(hidden));
    }

    /// One claim more or less among thousands is no reason to look at all Ingresses of all tenants.
    @Test
    void areDecidedAgainForTheirOwnNamesAndClassOnly() {
        var shop = ingress(SHOP, "");
        var names = IngressHosts.wanted(shop);
        var name = names.iterator().next();
        var about = Map.of(
                IngressWorld.claim("globex", "bank", "i", name), true,
                IngressWorld.claim("globex", "bank", "i", "other.example.org", name), true,
                IngressWorld.claim("globex", "bank", "i", "*" + name.substring(name.indexOf('.'))), true,
                IngressWorld.claim("globex", "bank", "i", "x." + name), false,
                IngressWorld.claim("globex", "bank", "i", "other.example.org"), false,
                IngressWorld.claim("acme", "shop", "i"), false,
                IngressWorld.shared(HostIngresses.className(shop)), true,
                IngressWorld.shared("another"), false);

        about.forEach((host, isConcerned) -> {
            assertThat(syncer.isConcerned(shop, host)).as(host.toString()).isEqualTo(isConcerned);
            assertThat(new IngressHostSyncer().isConcerned(shop, host)).isEqualTo(isConcerned);
        });
    }

    private Ingress onHost(Ingress tenant, FixedView view) {
        return applied(syncer.decide(new TenantOnly<>(tenant), view)).orElseThrow();
    }

    private static Optional<Ingress> applied(List<Change> changes) {
        return changes.stream()
                .filter(ApplyToHost.class::isInstance)
                .map(change -> (Ingress) ((ApplyToHost) change).wanted())
                .findFirst();
    }

    private static Optional<String> patch(List<Change> changes) {
        return changes.stream()
                .filter(PatchTenant.class::isInstance)
                .map(change -> ((PatchTenant) change).patch().toString())
                .findFirst();
    }

    private static String told(List<Change> changes) {
        return changes.stream()
                .filter(ApplyToTenant.class::isInstance)
                .map(change -> ((Event) ((ApplyToTenant) change).wanted()).getMessage())
                .findFirst()
                .orElse("");
    }

    /// @param spec fields that take the place of others
    private static Ingress ingress(String host, String spec) {
        var base = Serialization.unmarshal("""
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web, namespace: shop, uid: i1, creationTimestamp: "2026-01-01T00:00:00Z"}
                spec:
                  ingressClassName: public
                  tls: [{hosts: ["%1$s"], secretName: tls}]
                  rules:
                  - host: "%1$s"
                    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
                """.formatted(host), Ingress.class);
        if (spec.isEmpty()) {
            return base;
        }
        HasMetadata changed = Serialization.unmarshal(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {" + spec + "}", Ingress.class);
        var own = ((Ingress) changed).getSpec();
        return new IngressBuilder(base)
                .editSpec()
                .withDefaultBackend(own.getDefaultBackend())
                .withRules(own.getRules().isEmpty() ? base.getSpec().getRules() : own.getRules())
                .withTls(own.getTls().isEmpty() ? base.getSpec().getTls() : own.getTls())
                .endSpec()
                .build();
    }
}
