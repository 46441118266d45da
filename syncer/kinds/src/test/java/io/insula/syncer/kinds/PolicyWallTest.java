package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.kinds.PolicyWorld.Party;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The wall that policies make on the host, judged as a network plugin would: by what gets through.
class PolicyWallTest {

    private static final Map<String, String> OTHERS =
            Map.of(InsulaLabels.TENANT, "globex", InsulaLabels.NAMESPACE, "shop", "tenant.insula.io/app", "web");

    /// What no pod of the tenant's may reach, or be reached by.
    private static final List<Party> OTHER_PODS = List.of(
            new Party("10.244.1.66", OTHERS),
            new Party("fd00:10:1::66", OTHERS),
            new Party("64:ff9b::10.244.1.66", OTHERS),
            new Party("10.244.1.99", Map.of()),
            new Party("10.244.2.1", Map.of("k8s-app", "kube-dns")));

    /// What no pod of the tenant's may reach.
    private static final List<Party> HOST = List.of(
            new Party("10.0.0.1", Map.of()),
            new Party("fd00:77::1", Map.of()),
            new Party("172.18.0.5", Map.of()),
            new Party("10.96.0.1", Map.of()),
            new Party("169.254.169.254", Map.of()),
            new Party("100.100.100.200", Map.of()),
            new Party("168.63.129.16", Map.of()),
            new Party("fd00:ec2::254", Map.of()),
            new Party("fd20:ce::254", Map.of()),
            new Party("64:ff9b::a9fe:a9fe", Map.of()),
            new Party("::ffff:10.0.0.1", Map.of()),
            new Party("2002:a9fe:a9fe::1", Map.of()));

    private static final Party OWN = new Party(
            "10.244.1.7",
            Map.of(InsulaLabels.TENANT, "acme", InsulaLabels.NAMESPACE, "books", "tenant.insula.io/app", "db"));
    private static final Party WORLD = new Party("8.8.8.8", Map.of());
    private static final Party WORLD6 = new Party("2001:4860:4860::8888", Map.of());
    private static final Party API = new Party("10.0.0.1", Map.of());

    private static final FixedView VIEW = FixedView.of(
                    "runc",
                    node("10.244.1.0/24", "10.0.0.1"),
                    node("10.244.2.0/24", "10.0.0.2"),
                    node("fd00:10:1::/64", "fd00:77::1"))
            .withTenant(namespace("shop"), namespace("books"));

    @Test
    void leadsOutToTheWorldItsOwnPodsItsApiServerAndResolversOnly() {
        var world = world(List.of());

        for (var reached : List.of(OWN, WORLD, WORLD6)) {
            assertThat(world.egress(reached, "TCP", 443)).as(reached.address()).isTrue();
        }
        assertThat(world.egress(API, "TCP", 6443)).as("its API server").isTrue();
        for (var resolver : List.of("10.0.0.2", "169.254.169.254", "169.254.20.10", "8.8.8.8")) {
            assertThat(world.egress(new Party(resolver, Map.of()), "UDP", 53))
                    .as(resolver)
                    .isTrue();
        }
        nothingOfTheHostsIsReached(world, "no policy of the tenant's");
        assertThat(world.egress(new Party("10.244.2.1", Map.of("k8s-app", "kube-dns")), "UDP", 53))
                .as("the host's cluster DNS")
                .isFalse();
        assertThat(world.egress(API, "TCP", 10250)).as("the kubelet beside it").isFalse();
        assertThat(world.egress(new Party("172.18.0.5", Map.of()), "TCP", 6443))
                .as("the host's API server")
                .isFalse();
    }

    @Test
    void letsInTheWorldAndItsOwnPodsOnly() {
        var world = world(List.of());

        for (var from : List.of(OWN, WORLD, WORLD6, new Party("10.0.0.1", Map.of()))) {
            assertThat(world.ingress(from, "TCP", 80)).as(from.address()).isTrue();
        }
        for (var from : OTHER_PODS) {
            assertThat(world.ingress(from, "TCP", 80)).as(from.address()).isFalse();
        }
    }

    @Test
    void closesAPodWhosePolicyIsNotOnTheHost() {
        var refused = List.of(policy("{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}"));
        var world = new PolicyWorld(defaults(VIEW), labels(refused));

        for (var party : Stream.of(OTHER_PODS, HOST, List.of(OWN, WORLD))
                .flatMap(List::stream)
                .toList()) {
            assertThat(world.egress(party, "TCP", 443)).as(party.address()).isFalse();
            assertThat(world.ingress(party, "TCP", 443)).as(party.address()).isFalse();
        }
    }

    @Test
    void narrowsAsTheTenantSays() {
        var world = world(List.of(policy("""
                {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress],
                 egress: [{to: [{podSelector: {matchLabels: {app: db}}, namespaceSelector: {}}],
                           ports: [{port: 5432, protocol: TCP}]}]}""")));

        assertThat(world.egress(OWN, "TCP", 5432)).isTrue();
        assertThat(world.egress(OWN, "TCP", 80)).isFalse();
        assertThat(world.egress(WORLD, "TCP", 5432)).isFalse();
        assertThat(world.egress(WORLD, "UDP", 53))
                .as("its own to say, as upstream")
                .isFalse();
        assertThat(world.egress(API, "TCP", 6443)).isFalse();
        assertThat(world.ingress(WORLD, "TCP", 80))
                .as("says nothing of ingress")
                .isTrue();
    }

    @Test
    void leadsToItsApiServerByItsAddress() {
        var world = world(List.of(
                policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.1/32}}]}]}")));

        assertThat(world.egress(API, "TCP", 6443)).isTrue();
        assertThat(world.egress(API, "TCP", 10250)).isFalse();
        assertThat(world.egress(API, "TCP", 80)).isFalse();
    }

    /// Whoever is cluster-admin in the tenant writes what policies they like.
    @Test
    void isNeverWidenedByAPolicyOfTheTenants() {
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("PolicyWallTest seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 400; i++) {
            var policies = IntStream.range(0, 1 + random.nextInt(3))
                    .mapToObj(_ -> spec(random))
                    .toList();
            nothingOfTheHostsIsReached(
                    world(policies.stream().map(PolicyWallTest::policy).toList()), "seed " + seed + ": " + policies);
        }
    }

    private static void nothingOfTheHostsIsReached(PolicyWorld world, String what) {
        for (var other : OTHER_PODS) {
            for (int port : List.of(53, 80, 443, 6443)) {
                for (var protocol : List.of("TCP", "UDP")) {
                    assertThat(world.egress(other, protocol, port))
                            .as("to %s at %s %d with %s", other.address(), protocol, port, what)
                            .isFalse();
                    assertThat(world.ingress(other, protocol, port))
                            .as("from %s at %s %d with %s", other.address(), protocol, port, what)
                            .isFalse();
                }
            }
        }
        for (var host : HOST) {
            for (int port : List.of(80, 443, 2379, 6443, 10250)) {
                boolean isApiServer = host.address().equals(API.address()) && port == 6443;
                assertThat(world.egress(host, "TCP", port) && !isApiServer)
                        .as("to %s at %d with %s", host.address(), port, what)
                        .isFalse();
            }
        }
    }

    private static String spec(Random random) {
        return "{podSelector: " + pick(random, SELECTORS) + ", policyTypes: " + pick(random, TYPES) + ", ingress: "
                + rules(random, "from") + ", egress: " + rules(random, "to") + "}";
    }

    private static final List<String> TYPES = List.of("[Ingress]", "[Egress]", "[Ingress, Egress]");
    private static final List<String> SELECTORS = List.of(
            "{}",
            "{matchLabels: {app: web}}",
            "{matchLabels: {insula.io/tenant: globex}}",
            "{matchLabels: {tenant.insula.io/app: web}}",
            "{matchExpressions: [{key: insula.io/tenant, operator: NotIn, values: [acme]}]}",
            "{matchExpressions: [{key: app, operator: DoesNotExist}]}",
            "{matchExpressions: [{key: insula.io/tenant, operator: Exists}]}",
            "{matchExpressions: [{key: insula.io/open, operator: Exists}]}");
    private static final List<String> BLOCKS = List.of(
            "{cidr: 0.0.0.0/0}",
            "{cidr: '::/0'}",
            "{cidr: 0.0.0.0/1}",
            "{cidr: 10.0.0.0/8}",
            "{cidr: 10.0.0.0/8, except: [10.244.1.0/25]}",
            "{cidr: 10.244.0.0/16}",
            "{cidr: 10.244.1.0/24}",
            "{cidr: 10.244.1.66/32}",
            "{cidr: 10.244.1.64/26, except: [10.244.1.66/32]}",
            "{cidr: 10.0.0.1/32}",
            "{cidr: 10.96.0.0/12}",
            "{cidr: 169.254.169.254/32}",
            "{cidr: 168.63.129.16/32}",
            "{cidr: 'fd00::/8'}",
            "{cidr: 'fd00:10:1::/64'}",
            "{cidr: 'fd00:ec2::254/128'}",
            "{cidr: '::ffff:0:0/96'}",
            "{cidr: '::ffff:10.244.1.66/128'}",
            "{cidr: '::ffff:10.0.0.0/104'}",
            "{cidr: '64:ff9b::/96'}",
            "{cidr: '64:ff9b::10.244.1.66/128'}",
            "{cidr: '2002::/16'}",
            "{cidr: '2002:a9fe:a9fe::/48'}",
            "{cidr: 10.1/8}",
            "{cidr: 0.0.0.0/0, except: [nonsense]}",
            "{cidr: 010.0.0.0/8}");
    private static final List<String> PORTS = List.of(
            "[]",
            "[{port: 53, protocol: UDP}]",
            "[{port: 1, endPort: 65535}]",
            "[{protocol: UDP}, {protocol: TCP}]",
            "[{port: http}]",
            "[{port: 6443}]");

    private static String rules(Random random, String peers) {
        var rules = new ArrayList<String>();
        for (int i = random.nextInt(3); i > 0; i--) {
            var all = new ArrayList<String>();
            for (int j = random.nextInt(3); j > 0; j--) {
                all.add(
                        switch (random.nextInt(4)) {
                            case 0 -> "{podSelector: " + pick(random, SELECTORS) + "}";
                            case 1 -> "{namespaceSelector: " + pick(random, SELECTORS) + "}";
                            case 2 ->
                                "{podSelector: " + pick(random, SELECTORS) + ", namespaceSelector: "
                                        + pick(random, SELECTORS) + "}";
                            default -> "{ipBlock: " + pick(random, BLOCKS) + "}";
                        });
            }
            rules.add("{" + peers + ": " + all + ", ports: " + pick(random, PORTS) + "}");
        }
        return rules.toString();
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    /// What a profile closes no policy of the tenant's opens.
    @Test
    void leadsNoFartherThanTheIsolationProfilesLet() {
        var kept = VIEW.withProfiles(profiles("{ingress: tenant, egress: tenant}"));
        var listed = VIEW.withProfiles(profiles("{egressBlocks: [203.0.113.0/24, 'fd00:77::/64', 8.8.8.0/30]}"));
        var partner = new Party("203.0.113.9", Map.of());
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("PolicyWallTest seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            var policies = i == 0
                    ? List.<NetworkPolicy>of()
                    : Stream.of(spec(random), spec(random))
                            .map(PolicyWallTest::policy)
                            .toList();
            var what = "seed " + seed + ": " + policies;
            var closed = world(kept, policies);
            var narrow = world(listed, policies);
            for (int port : List.of(53, 443)) {
                for (var party : List.of(WORLD, WORLD6, partner, new Party("10.0.0.2", Map.of()))) {
                    assertThat(closed.egress(party, "UDP", port))
                            .as("%s with %s", party, what)
                            .isFalse();
                    assertThat(closed.ingress(party, "UDP", port))
                            .as("%s with %s", party, what)
                            .isFalse();
                }
                for (var party : List.of(WORLD, WORLD6)) {
                    assertThat(narrow.egress(party, "UDP", port))
                            .as("%s with %s", party, what)
                            .isFalse();
                }
            }
            nothingOfTheHostsIsReached(closed, what);
            nothingOfTheHostsIsReached(narrow, what);
        }
        assertThat(world(kept, List.of()).egress(OWN, "TCP", 443)).as("its own").isTrue();
        assertThat(world(kept, List.of()).ingress(OWN, "TCP", 443))
                .as("its own")
                .isTrue();
        assertThat(world(kept, List.of()).egress(API, "TCP", 6443))
                .as("its API server")
                .isTrue();
        assertThat(world(listed, List.of()).egress(partner, "TCP", 443)).isTrue();
        assertThat(world(listed, List.of()).ingress(WORLD, "TCP", 443)).isTrue();
    }

    /// A relay in a loose profile would be the way out of a strict one.
    @Test
    void keepsToTheStrictestOfATenantsProfiles() {
        var loose = Beans.settings("runc");
        var strict = profiles("{egress: tenant}").standard();
        for (var profiles :
                List.of(new TenantProfiles(loose, List.of(strict)), new TenantProfiles(strict, List.of(loose)))) {
            var world = world(VIEW.withProfiles(profiles), List.of());

            assertThat(world.egress(WORLD, "TCP", 443)).isFalse();
            assertThat(world.ingress(WORLD, "TCP", 443)).isTrue();
        }
    }

    @Test
    void saysWhatAProfileKeepsAPolicyFrom() {
        var change = new NetworkPolicySyncer()
                .decide(
                        new TenantOnly<>(policy("{podSelector: {}, policyTypes: [Ingress, Egress],"
                                + " ingress: [{from: [{ipBlock: {cidr: 9.9.9.9/32}}]}],"
                                + " egress: [{to: [{ipBlock: {cidr: 9.9.9.9/32}}]}]}")),
                        VIEW.withProfiles(profiles("{ingress: tenant, egressBlocks: [203.0.113.0/24]}")));

        assertThat(change.toString())
                .contains("spec.ingress[0].from[0].ipBlock: 9.9.9.9/32: the isolation profile of this cluster does not"
                        + " let its pods be reached from there")
                .contains("spec.egress[0].to[0].ipBlock: 9.9.9.9/32: the isolation profile of this cluster does not"
                        + " let its pods reach it");
    }

    private static TenantProfiles profiles(String network) {
        return TenantProfiles.only(Beans.profiles()
                .settings(
                        "kept",
                        Map.of("sandbox", "runc", "network", Serialization.unmarshal("---\n" + network, Map.class))));
    }

    private static PolicyWorld world(List<NetworkPolicy> policies) {
        return world(VIEW, policies);
    }

    private static PolicyWorld world(FixedView around, List<NetworkPolicy> policies) {
        var view = around.withTenant(policies.toArray(HasMetadata[]::new));
        var onHost = new ArrayList<>(defaults(around));
        for (var policy : policies) {
            var change = new NetworkPolicySyncer()
                    .decide(new TenantOnly<>(policy), view)
                    .getLast();
            onHost.add((NetworkPolicy) ((ApplyToHost) change).wanted());
        }
        return new PolicyWorld(onHost, labels(policies));
    }

    private static List<NetworkPolicy> defaults(FixedView view) {
        return Stream.of(new DefaultClosedSyncer(), new DefaultPolicySyncer(), new DefaultEgressSyncer())
                .map(syncer ->
                        syncer.decide(new TenantOnly<>(namespace("shop")), view).getFirst())
                .map(change -> (NetworkPolicy) ((ApplyToHost) change).wanted())
                .toList();
    }

    /// Of the tenant's pod on the host.
    private static Map<String, String> labels(List<NetworkPolicy> policies) {
        Pod pod = Serialization.unmarshal(
                "metadata: {name: web, namespace: shop, uid: u1, labels: {app: web}}\n"
                        + "spec: {containers: [{name: c, image: i}]}",
                Pod.class);
        var change = new PodSyncer(Beans.profiles())
                .decide(new TenantOnly<>(pod), VIEW.withTenant(policies.toArray(HasMetadata[]::new)))
                .getFirst();
        return ((CreateOnHost) change).wanted().getMetadata().getLabels();
    }

    private static NetworkPolicy policy(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: p, namespace: shop, uid: p1}\nspec: " + spec, NetworkPolicy.class);
    }

    private static Namespace namespace(String name) {
        return Serialization.unmarshal("metadata: {name: " + name + ", uid: n1, labels: {app: web}}", Namespace.class);
    }

    private static HasMetadata node(String pods, String address) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nspec: {podCIDRs: ['" + pods
                        + "']}\nstatus: {addresses: [{type: InternalIP, address: '" + address + "'}]}",
                Node.class);
    }
}
