package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The network of a tenant's pods, opened by somebody who has the syncer's credential. Policies add up: one that leads
/// too far is enough, and so is one that is taken away.
class HostNetworksTest extends WalledHost {

    private static final String ALL_BUT_RESERVED =
            "ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/8, 100.100.100.200/32, 127.0.0.0/8, 168.63.129.16/32,"
                    + " 169.254.0.0/16, 192.0.0.192/32, 224.0.0.0/3]}";

    @Test
    void takesWhatTheSyncerMakes() {
        for (var spec : List.of(
                "{podSelector: {}, policyTypes: [Ingress, Egress]}",
                "{podSelector: {}, ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}]}]}",
                "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}, {" + ALL_BUT_RESERVED
                        + "}, {ipBlock: {cidr: '2001:4860::/32'}}]}]}",
                "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}],"
                        + " ports: [{port: 53, protocol: UDP}]}]}",
                "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 127.0.0.1/32}}],"
                        + " ports: [{port: 6443, protocol: TCP}]}]}")) {
            assertThatCode(() -> create(stolen, policy("p", "insula-syncer", spec), true))
                    .as(spec)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void refusesToTheSyncerWhatLeadsOut() {
        Map.of(
                        "{podSelector: {}, ingress: [{}]}",
                        "spec.ingress.from: must name",
                        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}",
                        "spec.ingress.from: must name",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{}]}",
                        "spec.egress.to: must name",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}},"
                                + " {podSelector: {}, namespaceSelector: {}}]}]}",
                        "spec.egress.to: must name",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}",
                        "metadata",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}],"
                                + " ports: [{port: 80}]}]}",
                        "metadata",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}],"
                                + " ports: [{port: 53, endPort: 80}]}]}",
                        "metadata",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 'fd00::/16'}}]}]}",
                        "metadata",
                        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 169.254.0.0/15,"
                                + " except: [169.254.169.254/32]}}]}]}",
                        "metadata")
                .forEach((spec, told) -> assertThatThrownBy(
                                () -> create(stolen, policy("p", "insula-syncer", spec), false))
                        .as(spec)
                        .hasMessageContaining(told));
    }

    /// Insula's nodes take every policy that is not the syncer's for one of the host's administrators, which opens
    /// more.
    @Test
    void refusesToTheSyncerAPolicyThatPassesForAnothers() {
        var open = "{podSelector: {}}";
        for (var owner : List.of("", "insula-control-plane", "somebody")) {
            assertThatThrownBy(() -> create(stolen, policy("p", owner, open), false))
                    .as(owner)
                    .hasMessageContaining("would pass for one");
        }
        create(host.client(), policy("administrators", "", open), false);
        var closed = stolen.network().v1().networkPolicies().inNamespace(NAMESPACE);
        for (var name : List.of("insula", "administrators")) {
            assertThatThrownBy(() -> closed.withName(name).delete())
                    .as(name)
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("is another's policy");
            assertThatThrownBy(() -> closed.withName(name).edit(policy -> {
                        policy.getMetadata().setLabels(Map.of("insula.io/managed-by", "insula-syncer"));
                        return policy;
                    }))
                    .as(name)
                    .hasMessageContaining("is another's policy");
        }
        create(stolen, policy("own", "insula-syncer", open), false);
        closed.withName("own").delete();
    }

    /// What the namespace says of its profiles, which the credential cannot write.
    @Test
    void refusesToTheSyncerWhatTheProfilesClose() {
        makeProfile("kept-in", "{sandbox: runc, network: {ingress: tenant, egress: tenant}}");
        makeProfile("listed", "{sandbox: runc, network: {egressBlocks: [203.0.113.0/24]}}");
        namespaces.ensure(tenant("inner"), () -> network("kept-in"));
        namespaces.ensure(tenant("narrow"), () -> network("listed"));

        refused(
                "insula-inner",
                "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 9.9.9.9/32}}]}]}",
                "spec.ingress");
        refused("insula-inner", egress("9.9.9.0/24", "ports: [{port: 443}]"), "is beyond");
        refused("insula-inner", egress("9.9.9.9/32", "ports: [{port: 443, endPort: 500}]"), "is beyond");
        refused("insula-inner", egress("9.9.9.9/32", "ports: []"), "is beyond");
        refused("insula-inner", egress("0.0.0.0/0", "ports: [{port: 53, protocol: UDP}]"), "is beyond");
        refused("insula-narrow", egress("203.0.113.0/23", "ports: [{port: 443}, {port: 80}]"), "is beyond");
        assertThatCode(() -> stolen.resource(policy("p", "insula-syncer", egress("203.0.113.128/25", "ports: []")))
                        .inNamespace("insula-narrow")
                        .create())
                .doesNotThrowAnyException();
    }

    /// A host's load balancer may be told whose certificate to show, or which firewall to open.
    @Test
    void refusesToTheSyncerWhatLoadBalancersAreNotToBeTold() {
        makeProfile(
                "balanced", "{sandbox: runc, network: {loadBalancerAnnotations: [lb.example.com/scheme=internal]}}");
        namespaces.ensure(tenant("balanced"), () -> network("balanced"));
        awaitReady("insula-balanced");

        for (var wrong : List.of("lb.example.com/scheme: open", "lb.example.com/cert: theirs", "x/y: ''")) {
            assertThatThrownBy(() -> stolen.resource(service("theirs", wrong))
                            .inNamespace("insula-balanced")
                            .create())
                    .as(wrong)
                    .hasMessageContaining("metadata.annotations: have one that is not for load balancers");
        }
        stolen.resource(service("own", "lb.example.com/scheme: internal"))
                .inNamespace("insula-balanced")
                .create();
        // a controller of the host's notes something; the syncer's next write leaves it
        host.client().services().inNamespace("insula-balanced").withName("own").edit(service -> {
            service.getMetadata().getAnnotations().put("lb.example.com/id", "7");
            return service;
        });
        assertThatCode(() -> stolen.services()
                        .inNamespace("insula-balanced")
                        .withName("own")
                        .edit(service -> {
                            service.getMetadata().getAnnotations().put("insula.io/revision", "2");
                            return service;
                        }))
                .doesNotThrowAnyException();
    }

    private static Service service(String name, String annotation) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", annotations: {" + annotation
                        + "}}\nspec: {ports: [{port: 80}]}",
                Service.class);
    }

    @Test
    void keepsItsOwnPoliciesAndThoseOnly() {
        makeProfile("opened", "{sandbox: runc, network: {metadata: allow, host: allow}}");
        host.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName("opened")
                        .endMetadata()
                        .build())
                .create();
        host.client()
                .nodes()
                .withName("opened")
                .editStatus(node -> new NodeBuilder(node)
                        .editOrNewStatus()
                        .addNewAddress("192.0.2.7", "InternalIP")
                        .addNewAddress("opened", "Hostname")
                        .endStatus()
                        .build());
        namespaces.ensure(tenant("changing"), () -> network("opened"));

        assertThat(policies("insula-changing")).containsOnlyKeys("insula", "insula-opened");
        assertThat(kept("insula").getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(kept("insula-opened").toString())
                .contains("192.0.2.7/32", "169.254.169.254/32", "insula.io/open-egress")
                .doesNotContain("169.254.0.0/16");

        host.client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace("insula-changing")
                .withName("insula")
                .edit(policy -> {
                    policy.getSpec().getPodSelector().setMatchLabels(Map.of("nobody", "is"));
                    return policy;
                });
        namespaces.ensure(tenant("changing"), () -> choice("runc"));

        assertThat(policies("insula-changing")).containsOnlyKeys("insula");
        assertThat(kept("insula").getSpec().getPodSelector().getMatchLabels()).isNullOrEmpty();

        makeProfile("without", "{sandbox: runc, defaultNetworkPolicy: false}");
        namespaces.ensure(tenant("changing"), () -> network("without"));
        assertThat(policies("insula-changing")).isEmpty();
    }

    private final Map<String, Map<String, Object>> specs = new java.util.HashMap<>();

    @SuppressWarnings("unchecked")
    private void makeProfile(String name, String spec) {
        specs.put(name, Serialization.unmarshal("---\n" + spec, Map.class));
    }

    private ProfileSource.Choice network(String name) {
        return new ProfileSource.Choice(new ProfileSource.Profile(name, specs.getOrDefault(name, Map.of())), List.of());
    }

    private Map<String, NetworkPolicy> policies(String namespace) {
        return host.client().network().v1().networkPolicies().inNamespace(namespace).list().getItems().stream()
                .collect(java.util.stream.Collectors.toMap(
                        each -> each.getMetadata().getName(), each -> each));
    }

    private NetworkPolicy kept(String name) {
        return java.util.Objects.requireNonNull(policies("insula-changing").get(name));
    }

    private void refused(String namespace, String spec, String told) {
        assertThatThrownBy(() -> stolen.resource(policy("p", "insula-syncer", spec))
                        .inNamespace(namespace)
                        .create())
                .as(spec)
                .hasMessageContaining(told);
    }

    private static String egress(String cidr, String ports) {
        return "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: '" + cidr + "'}}], " + ports
                + "}]}";
    }

    /// @param owner empty for a policy without the label
    private static NetworkPolicy policy(String name, String owner, String spec) {
        return Serialization.unmarshal(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name
                        + (owner.isEmpty() ? "" : ", labels: {insula.io/managed-by: " + owner + "}") + "}\nspec: "
                        + spec,
                NetworkPolicy.class);
    }
}
