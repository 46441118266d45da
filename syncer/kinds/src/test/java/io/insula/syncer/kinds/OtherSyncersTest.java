package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.insula.isolation.Sandbox;
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
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherSyncersTest {

    private static final FixedView VIEW = FixedView.of(Sandbox.RUNC);

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
    void selectsOnlyThisTenantsAndNamespacesPods() {
        var changes = new ServiceSyncer().decide(new TenantOnly<>(service("")), VIEW);

        var host = (Service) ((ApplyToHost) changes.getFirst()).wanted();
        assertThat(host.getSpec().getSelector())
                .isEqualTo(Map.of(
                        "tenant.insula.io/app", "web", InsulaLabels.TENANT, "acme", InsulaLabels.NAMESPACE, "shop"));
        assertThat(host.getSpec().getClusterIP()).isNull();
        assertThat(host.getSpec().getPorts().getFirst().getNodePort()).isNull();
    }

    @Test
    void showsTheTenantTheHostsAddress() {
        var changes = new ServiceSyncer().decide(new Paired<>(service(""), service("10.96.0.7")), VIEW);

        assertThat(changes.get(1))
                .isInstanceOfSatisfying(
                        PatchTenant.class,
                        patch -> assertThat(patch.patch().at("/spec/clusterIP").asText())
                                .isEqualTo("10.96.0.7"));
        assertThat(new ServiceSyncer().decide(new Paired<>(service("10.96.0.7"), service("10.96.0.7")), VIEW))
                .hasSize(1);
    }

    @Test
    void showsTheNodesThatRunTheTenantsPodsAndNoOthers() {
        var syncer = new NodeSyncer();
        var node = node(false);
        var used = FixedView.of(Sandbox.RUNC, hostPod("n1"));

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

    @Test
    void tellsTheTenantWhatTheHostSaysInItsOwnNames() {
        var pod = hostPod("n1");
        var view = FixedView.of(Sandbox.RUNC, pod);
        var told = event(Kinds.name(pod), "Successfully assigned insula-acme/" + Kinds.name(pod) + " to n1");

        var changes = new EventSyncer().decide(new HostOnly<>(told), view);

        assertThat(changes).singleElement().isInstanceOfSatisfying(ApplyToTenant.class, apply -> {
            var event = (Event) apply.wanted();
            assertThat(event.getMessage()).isEqualTo("Successfully assigned shop/web to n1");
            assertThat(event.getInvolvedObject().getName()).isEqualTo("web");
            assertThat(event.getInvolvedObject().getUid()).isEqualTo("u1");
            assertThat(event.getMetadata().getNamespace()).isEqualTo("shop");
        });
        assertThat(new EventSyncer().decide(new HostOnly<>(event("somebody-elses", "secret")), view))
                .isEmpty();
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

    private static Event event(String pod, String message) {
        return new EventBuilder()
                .withNewMetadata()
                .withName("e1")
                .withNamespace("insula-acme")
                .endMetadata()
                .withNewInvolvedObject()
                .withKind("Pod")
                .withName(pod)
                .withNamespace("insula-acme")
                .endInvolvedObject()
                .withMessage(message)
                .build();
    }
}
