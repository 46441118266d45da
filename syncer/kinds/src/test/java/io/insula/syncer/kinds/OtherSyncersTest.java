package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherSyncersTest {

    private static final FixedView VIEW = FixedView.of("runc");

    @Test
    void syncsAConfigMapOnlyWhileSomethingNamesIt() {
        var syncer = new ConfigMapSyncer();
        var tenant = configMap();
        var named = VIEW.referencing("settings");

        assertThat(syncer.decide(new TenantOnly<>(tenant), VIEW)).isEmpty();
        assertThat(syncer.decide(new TenantOnly<>(tenant), named))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToHost.class,
                        apply -> assertThat(((ConfigMap) apply.wanted()).getData())
                                .isEqualTo(Map.of("a", "1")));
        assertThat(syncer.decide(new Paired<>(tenant, tenant), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        delete -> assertThat(delete.proof()).isEqualTo(Proof.UNREFERENCED));
        assertThat(syncer.decide(new HostOnly<>(tenant), named))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        delete -> assertThat(delete.proof()).isEqualTo(Proof.TENANT_OBJECT_GONE));
    }

    @Test
    void syncsASecretOnlyWhileSomethingNamesIt() {
        var syncer = new SecretSyncer();
        var tenant = new SecretBuilder()
                .withNewMetadata()
                .withName("keys")
                .withNamespace("shop")
                .withUid("s1")
                .endMetadata()
                .addToData("k", "c2VjcmV0")
                .build();

        assertThat(syncer.decide(new TenantOnly<>(tenant), VIEW)).isEmpty();
        assertThat(syncer.decide(new TenantOnly<>(tenant), VIEW.referencing("keys")))
                .singleElement()
                .isInstanceOf(ApplyToHost.class);
        assertThat(syncer.decide(new Paired<>(tenant, tenant), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        delete -> assertThat(delete.proof()).isEqualTo(Proof.UNREFERENCED));
    }

    @Test
    void selectsOnlyThisTenantsAndNamespacesPods() {
        var changes = new ServiceSyncer().decide(new TenantOnly<>(service("")), VIEW);

        var host = (Service) ((ApplyToHost) changes.getFirst()).wanted();
        assertThat(host.getSpec().getSelector())
                .isEqualTo(Map.of(
                        "tenant.insula.io/app", "web", InsulaLabels.TENANT, "acme", InsulaLabels.NAMESPACE, "shop"));
        assertThat(host.getSpec().getClusterIP()).isNull();
        assertThat(host.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(30_000);
    }

    @Test
    void showsTheTenantTheHostsAddressesWhereItHasNone() {
        var given = new ServiceBuilder(service("10.96.0.7"))
                .editSpec()
                .editFirstPort()
                .withProtocol("TCP")
                .withNodePort(30_077)
                .endPort()
                .endSpec()
                .build();
        var without = new ServiceBuilder(service(""))
                .editSpec()
                .editFirstPort()
                .withNodePort(null)
                .endPort()
                .endSpec()
                .build();

        var changes = new ServiceSyncer().decide(new Paired<>(without, given), VIEW);

        assertThat(changes.get(1)).isInstanceOfSatisfying(PatchTenant.class, patch -> {
            assertThat(patch.patch().at("/spec/clusterIP").asText()).isEqualTo("10.96.0.7");
            assertThat(patch.patch().at("/spec/ports/0/nodePort").asInt()).isEqualTo(30_077);
        });
        assertThat(new ServiceSyncer().decide(new Paired<>(service("10.96.0.7"), service("10.96.0.7")), VIEW))
                .hasSize(1);
    }

    @Test
    void asksTheHostForTheAddressThatTheTenantHas() {
        var changes = new ServiceSyncer().decide(new TenantOnly<>(service("10.96.0.7")), VIEW);

        var host = (Service) ((ApplyToHost) changes.getFirst()).wanted();
        assertThat(host.getSpec().getClusterIP()).isEqualTo("10.96.0.7");
    }

    /// The host is not told where the name leads, but in words that only the resolver of the tenant's pods reads.
    @Test
    void leadsTheHostNowhereByAName() {
        var external = new ServiceBuilder(service(""))
                .editSpec()
                .withType("ExternalName")
                .withExternalName("example.com")
                .endSpec()
                .build();

        for (var event : List.of(new TenantOnly<>(external), new Paired<Service>(external, service("10.96.0.7")))) {
            var host = (Service)
                    ((ApplyToHost) new ServiceSyncer().decide(event, VIEW).getFirst()).wanted();
            assertThat(host.getSpec().getExternalName()).isEqualTo("insula.invalid");
            assertThat(host.getSpec().getClusterIP()).isNull();
            assertThat(host.getSpec().getPorts()).isEmpty();
            assertThat(host.getMetadata().getAnnotations()).containsEntry("insula.io/external-name", "example.com");
        }
    }

    @Test
    void asksTheLoadBalancerForNoAddressOfTheHosts() {
        var view = FixedView.of("runc", podNode());

        for (var taken :
                List.of("10.0.0.1", "10.96.0.1", "10.244.1.9", "169.254.169.254", "::ffff:10.0.0.1", "10.0.1")) {
            var changes = new ServiceSyncer().decide(new TenantOnly<>(balanced(taken)), view);

            assertThat(((Service) ((ApplyToHost) changes.getLast()).wanted())
                            .getSpec()
                            .getLoadBalancerIP())
                    .as(taken)
                    .isNull();
            assertThat(changes.getFirst())
                    .isInstanceOfSatisfying(
                            ApplyToTenant.class,
                            told -> assertThat(((Event) told.wanted()).getMessage())
                                    .startsWith("spec.loadBalancerIP: " + taken + ": "));
        }
        assertThat(new ServiceSyncer().decide(new TenantOnly<>(balanced("198.51.100.7")), view))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToHost.class,
                        apply -> assertThat(((Service) apply.wanted()).getSpec().getLoadBalancerIP())
                                .isEqualTo("198.51.100.7"));
        assertThat(HostServices.reservation(balanced("10.0.0.1"), VIEW.names(), FixedView.NOW)
                        .getSpec()
                        .getLoadBalancerIP())
                .isNull();
    }

    private static Service balanced(String address) {
        return new ServiceBuilder(service(""))
                .editSpec()
                .withType("LoadBalancer")
                .withLoadBalancerIP(address)
                .endSpec()
                .build();
    }

    private static Node podNode() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("n1")
                .endMetadata()
                .withNewSpec()
                .withPodCIDRs("10.244.1.0/24")
                .endSpec()
                .withNewStatus()
                .addNewAddress("10.0.0.1", "InternalIP")
                .endStatus()
                .build();
    }

    @Test
    void takesNobodysAddressesAndListensOnNoNodeOfItsChoice() {
        var greedy = new ServiceBuilder(service(""))
                .editMetadata()
                .addToAnnotations("service.beta.kubernetes.io/aws-load-balancer-eip-allocations", "eip-1")
                .addToLabels(InsulaLabels.TENANT, "globex")
                .endMetadata()
                .editSpec()
                .withExternalIPs("10.96.0.1")
                .addToSelector(InsulaLabels.TENANT, "globex")
                .endSpec()
                .build();

        var changes = new ServiceSyncer().decide(new TenantOnly<>(greedy), VIEW);
        var host = (Service) ((ApplyToHost) changes.getLast()).wanted();

        assertThat(host.getSpec().getExternalIPs()).isEmpty();
        assertThat(((Event) ((ApplyToTenant) changes.getFirst()).wanted()).getMessage())
                .startsWith("spec.externalIPs: ");
        assertThat(host.getSpec().getSelector()).containsEntry(InsulaLabels.TENANT, "acme");
        assertThat(host.getMetadata().getLabels()).containsEntry(InsulaLabels.TENANT, "acme");
        assertThat(host.getMetadata().getAnnotations().keySet()).allMatch(key -> key.startsWith(InsulaLabels.PREFIX));
    }

    @Test
    void showsTheRuntimeClassesOfTheTenantsProfilesAndNoOthers() {
        var syncer = new RuntimeClassSyncer();
        var kata = runtimeClass("kata", false);
        var allowed = VIEW.withProfiles(new TenantProfiles(Beans.settings("runc"), List.of(Beans.settings("kata"))));

        assertThat(syncer.decide(new HostOnly<>(kata), VIEW)).isEmpty();
        assertThat(syncer.decide(new HostOnly<>(kata), allowed))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        apply -> assertThat(((RuntimeClass) apply.wanted()).getHandler())
                                .isEqualTo("kata-qemu"));
        assertThat(syncer.decide(new Paired<>(runtimeClass("kata", true), kata), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        assertThat(syncer.decide(new Paired<>(runtimeClass("kata", false), kata), allowed))
                .as("a RuntimeClass that the tenant made itself")
                .isEmpty();
    }

    private static RuntimeClass runtimeClass(String name, boolean managed) {
        var builder = new RuntimeClassBuilder().withNewMetadata().withName(name);
        if (managed) {
            builder.addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER);
        }
        return builder.endMetadata().withHandler("kata-qemu").build();
    }

    @Test
    void showsTheNodesThatRunTheTenantsPodsThoughNoProfileCouldUseThem() {
        var syncer = new NodeSyncer();
        var node = new NodeBuilder(node(false))
                .withNewSpec()
                .addNewTaint("NoSchedule", "fenced", null, null)
                .endSpec()
                .build();
        var used = FixedView.of("runc", hostPod("n1"));

        assertThat(syncer.decide(new HostOnly<>(node), VIEW)).isEmpty();
        assertThat(syncer.decide(new HostOnly<>(node), used))
                .hasSize(2)
                .allSatisfy(change -> assertThat(change).isInstanceOf(ApplyToTenant.class));
        assertThat(syncer.decide(new Paired<>(node(true), node), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        assertThat(syncer.decide(new TenantOnly<>(node(false)), VIEW))
                .as("a node that the tenant made itself")
                .isEmpty();
        assertThat(syncer.tenantObjectsOf(hostPod("n1"), VIEW)).containsExactly(new Reference("Node", "", "n1"));
    }

    private static ConfigMap configMap() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .withNamespace("shop")
                .withUid("u2")
                .endMetadata()
                .addToData("a", "1")
                .build();
    }

    private static Service service(String address) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("u3")
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "web")
                .withClusterIP(address.isEmpty() ? null : address)
                .addNewPort()
                .withPort(80)
                .withNodePort(30_000)
                .endPort()
                .endSpec()
                .build();
    }

    private static Pod hostPod(String node) {
        var tenant = new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("u1")
                .endMetadata()
                .build();
        return new PodBuilder()
                .withMetadata(VIEW.names().hostMeta("Pod", tenant))
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .build();
    }

    private static Node node(boolean managed) {
        var builder = new NodeBuilder().withNewMetadata().withName("n1");
        if (managed) {
            builder.addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER);
        }
        return builder.endMetadata().build();
    }
}
