package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkPolicySyncerTest {

    private static final FixedView VIEW = FixedView.of("runc", node("10.244.1.0/24"), node("10.244.2.0/24"))
            .withTenant(namespace("shop", "retail"), namespace("books", "retail"), namespace("vault", "secret"));

    @Test
    void isForTheTenantsPodsOfItsNamespaceOnly() {
        var spec = host("{podSelector: {matchLabels: {app: web, insula.io/tenant: globex}}}")
                .getSpec();

        assertThat(spec.getPodSelector().getMatchLabels())
                .containsEntry(InsulaLabels.TENANT, "acme")
                .containsEntry("tenant.insula.io/app", "web");
        assertThat(namespaces(spec.getPodSelector())).containsExactly("shop");
        assertThat(namespaces(host("{podSelector: {}}").getSpec().getPodSelector()))
                .containsExactly("shop");
    }

    @Test
    void admitsPodsOfTheNamespacesItSelects() {
        var peers = from("{podSelector: {matchLabels: {app: db}}, namespaceSelector: {matchLabels: {kind: retail}}}");

        assertThat(peers).singleElement().satisfies(peer -> {
            assertThat(peer.getNamespaceSelector()).isNull();
            assertThat(namespaces(peer.getPodSelector())).containsExactly("books", "shop");
            assertThat(peer.getPodSelector().getMatchLabels())
                    .isEqualTo(Map.of("tenant.insula.io/app", "db", InsulaLabels.TENANT, "acme"));
        });
        assertThat(from("{podSelector: {}}"))
                .singleElement()
                .satisfies(peer -> assertThat(namespaces(peer.getPodSelector())).containsExactly("shop"));
    }

    @Test
    void admitsNobodyWhereItSelectsNoNamespaceRatherThanEverybody() {
        assertThat(from("{namespaceSelector: {matchLabels: {kind: none}}}"))
                .singleElement()
                .satisfies(peer -> assertThat(namespaces(peer.getPodSelector())).containsExactly(""));
    }

    @Test
    void meansAllOfTheTenantByAllNamespacesAndNoOtherTenant() {
        assertThat(from("{namespaceSelector: {}}")).singleElement().satisfies(peer -> {
            assertThat(peer.getNamespaceSelector()).isNull();
            assertThat(peer.getPodSelector().getMatchLabels()).isEqualTo(Map.of(InsulaLabels.TENANT, "acme"));
        });
    }

    @Test
    void admitsTheWorldOutsideByEverybodyAndNoOtherTenant() {
        var everybody = host("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}")
                .getSpec()
                .getIngress()
                .getFirst();

        assertThat(everybody.getPorts()).hasSize(1);
        assertThat(everybody.getFrom().get(0).getPodSelector().getMatchLabels())
                .isEqualTo(Map.of(InsulaLabels.TENANT, "acme"));
        assertThat(everybody.getFrom().get(1).getIpBlock())
                .isEqualTo(new IPBlock("0.0.0.0/0", List.of("10.244.1.0/24", "10.244.2.0/24")));
        assertThat(everybody.getFrom().get(2).getIpBlock().getCidr()).isEqualTo("::/0");
        assertThat(everybody.getFrom().get(2).getIpBlock().getExcept())
                .as("the same pods through a translator, and IPv4 in disguise")
                .contains("::/64", "64:ff9b::af4:100/120", "64:ff9b::af4:200/120");
        assertThat(everybody.getFrom()).hasSize(3);
    }

    @Test
    void keepsPodsOfIpv6OutToo() {
        var view = FixedView.of("runc", node("10.244.1.0/24"), node("fd00:10:1::/64"));

        assertThat(host("{podSelector: {}, ingress: [{}]}", view)
                        .getSpec()
                        .getIngress()
                        .getFirst()
                        .getFrom()
                        .get(2)
                        .getIpBlock()
                        .getExcept())
                .contains("fd00:10:1::/64");
    }

    @Test
    void admitsNoPodOfAnotherTenantByAddress() {
        var peers = from("{ipBlock: {cidr: 10.244.0.0/16, except: [10.244.9.0/24]}}");

        assertThat(peers.get(0).getPodSelector().getMatchLabels())
                .as("all the host's pods: the tenant's")
                .isEqualTo(Map.of(InsulaLabels.TENANT, "acme"));
        assertThat(peers.get(1).getIpBlock().getExcept())
                .containsExactly("10.244.1.0/24", "10.244.2.0/24", "10.244.9.0/24");
        assertThat(from("{ipBlock: {cidr: 10.244.1.7/32}}"))
                .as("one pod's address")
                .singleElement()
                .satisfies(peer -> {
                    assertThat(peer.getIpBlock()).isNull();
                    assertThat(namespaces(peer.getPodSelector())).containsExactly("");
                });
        assertThat(from("{ipBlock: {cidr: 192.0.2.0/24}}"))
                .singleElement()
                .satisfies(peer -> assertThat(peer.getIpBlock().getExcept()).isEmpty());
    }

    @Test
    void meansItsOwnPodsByTheirAddresses() {
        var own = hostPod("db", "10.244.1.7");
        var view = VIEW.withHost(own, hostPod("web", "10.244.2.8"));
        var object = own.getMetadata().getLabels().get(InsulaLabels.OBJECT);

        for (var block : List.of(
                "{cidr: 10.244.1.7/32}", "{cidr: 10.244.1.0/24}", "{cidr: 10.244.0.0/16, except: [10.244.2.0/28]}")) {
            var peers = host("{podSelector: {}, ingress: [{from: [{ipBlock: " + block + "}]}]}", view)
                    .getSpec()
                    .getIngress()
                    .getFirst()
                    .getFrom();

            assertThat(peers.getFirst().getPodSelector().getMatchLabels())
                    .isEqualTo(Map.of(InsulaLabels.TENANT, "acme"));
            assertThat(peers.getFirst().getPodSelector().getMatchExpressions())
                    .as(block)
                    .singleElement()
                    .satisfies(each -> {
                        assertThat(each.getKey()).isEqualTo(InsulaLabels.OBJECT);
                        assertThat(each.getValues()).containsExactly(object);
                    });
        }
        assertThat(new NetworkPolicySyncer()
                        .dependents(
                                tenantPod("10.244.1.7"),
                                view.withTenant(policy(
                                        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.244.1.0/24}}]}]}"))))
                .as("decided on again with the pod")
                .hasSize(1);
    }

    @Test
    void tellsWhichBlockMeansNobodyAndWhy() {
        var changes = new NetworkPolicySyncer().decide(new TenantOnly<>(policy("""
                                {podSelector: {}, policyTypes: [Ingress, Egress],
                                 ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.244.1.7/32}}]}],
                                 egress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}]}""")), VIEW);

        assertThat(changes.getFirst())
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        told -> assertThat(((Event) told.wanted()).getMessage())
                                .contains(
                                        "spec.ingress[0].from[1].ipBlock: 10.244.1.7/32: belongs to the shared cluster")
                                .contains(
                                        "spec.egress[0].to[0].ipBlock: 169.254.169.254/32: belongs to the shared cluster"));
        assertThat(new NetworkPolicySyncer()
                        .decide(new TenantOnly<>(policy("{podSelector: {}, ingress: [{}], egress: [{}]}")), VIEW))
                .singleElement()
                .isInstanceOf(ApplyToHost.class);
    }

    @Test
    void takesNoAddressForOutsideWhereTheHostNamesNoPodNetworks() {
        var view = FixedView.of("runc");

        assertThat(host("{podSelector: {}, ingress: [{}]}", view)
                        .getSpec()
                        .getIngress()
                        .getFirst()
                        .getFrom())
                .singleElement()
                .satisfies(peer -> assertThat(peer.getIpBlock()).isNull());
        assertThat(new NetworkPolicySyncer()
                        .decide(new TenantOnly<>(policy("{podSelector: {}}")), view.withHostRanges(null)))
                .singleElement()
                .isInstanceOf(LookAgain.class);
    }

    @Test
    void asksAgainForEveryPolicyWhenNamespacesChange() {
        var view = VIEW.withTenant(policy("{podSelector: {}}"));

        assertThat(new NetworkPolicySyncer().dependents(namespace("new", "retail"), view))
                .containsExactly(new Reference("NetworkPolicy", "shop", "p"));
    }

    @Test
    void keepsOtherTenantsOutWhereTheTenantSaysNothing() {
        var syncer = new DefaultPolicySyncer();
        var namespace = namespace("shop", "retail");

        var made = (NetworkPolicy)
                ((ApplyToHost) syncer.decide(new TenantOnly<>(namespace), VIEW).getFirst()).wanted();

        assertThat(made.getSpec().getPodSelector().getMatchLabels())
                .isEqualTo(Map.of(InsulaLabels.TENANT, "acme", InsulaLabels.OPEN, "true"));
        assertThat(namespaces(made.getSpec().getPodSelector())).containsExactly("shop");
        assertThat(made.getSpec().getPolicyTypes()).containsExactly("Ingress");
        assertThat(made.getSpec().getIngress().getFirst().getFrom()).hasSize(3);
        var without = VIEW.withProfiles(TenantProfiles.only(
                Beans.profiles().settings("open", Map.of("sandbox", "runc", "defaultNetworkPolicy", false))));
        assertThat(syncer.decide(new TenantOnly<>(namespace), without)).isEmpty();
        assertThat(syncer.decide(new Paired<>(namespace, made), without))
                .singleElement()
                .isInstanceOf(DeleteFromHost.class);
    }

    @Test
    void opensNoPodThatAPolicyOfTheTenantsIsFor() {
        var closed = VIEW.withTenant(policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}"));
        var egress = VIEW.withTenant(policy("{podSelector: {}, policyTypes: [Egress]}"));

        assertThat(labels(pod("db"), closed)).doesNotContainKey(InsulaLabels.OPEN);
        assertThat(labels(pod("web"), closed)).containsEntry(InsulaLabels.OPEN, "true");
        assertThat(labels(pod("db"), egress)).containsEntry(InsulaLabels.OPEN, "true");
        assertThat(labels(pod("db"), egress)).doesNotContainKey(InsulaLabels.OPEN_EGRESS);
        assertThat(labels(pod("db"), closed)).containsEntry(InsulaLabels.OPEN_EGRESS, "true");
        assertThat(labels(pod("db"), VIEW)).containsEntry(InsulaLabels.OPEN, "true");
    }

    private static Map<String, String> labels(Pod pod, FixedView view) {
        var change = new PodSyncer(Beans.profiles())
                .decide(new TenantOnly<>(pod), view)
                .getFirst();
        return ((CreateOnHost) change).wanted().getMetadata().getLabels();
    }

    private static List<NetworkPolicyPeer> from(String peer) {
        return host("{podSelector: {}, ingress: [{from: [" + peer + "]}]}")
                .getSpec()
                .getIngress()
                .getFirst()
                .getFrom();
    }

    private static NetworkPolicy host(String spec) {
        return host(spec, VIEW);
    }

    private static NetworkPolicy host(String spec, FixedView view) {
        var change = new NetworkPolicySyncer()
                .decide(new TenantOnly<>(policy(spec)), view)
                .getLast();
        return (NetworkPolicy) ((ApplyToHost) change).wanted();
    }

    private static List<String> namespaces(LabelSelector selector) {
        return selector.getMatchExpressions().stream()
                .filter(each -> each.getKey().equals(InsulaLabels.NAMESPACE))
                .findFirst()
                .orElseThrow()
                .getValues();
    }

    private static NetworkPolicy policy(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: p, namespace: shop, uid: p1}\nspec: " + spec, NetworkPolicy.class);
    }

    private static Pod hostPod(String name, String address) {
        var tenant = pod("x");
        tenant.getMetadata().setName(name);
        var host = new Pod();
        host.setMetadata(VIEW.names().hostMeta("Pod", tenant));
        host.setStatus(new PodStatusBuilder().withPodIP(address).build());
        return host;
    }

    private static Pod tenantPod(String address) {
        var pod = pod("x");
        pod.setStatus(new PodStatusBuilder().withPodIP(address).build());
        return pod;
    }

    private static Pod pod(String app) {
        return Serialization.unmarshal(
                "metadata: {name: web, namespace: shop, uid: u1, labels: {app: " + app
                        + "}}\nspec: {containers: [{name: c, image: i}]}",
                Pod.class);
    }

    private static HasMetadata node(String pods) {
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withName("n" + pods.hashCode())
                .endMetadata()
                .withNewSpec()
                .withPodCIDRs(pods)
                .endSpec()
                .build();
        return node;
    }

    private static Namespace namespace(String name, String kind) {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .addToLabels("kind", kind)
                .endMetadata()
                .build();
    }
}
