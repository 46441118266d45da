package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.isolation.HostPolicy;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pods of earlier versions of a profile, made anew a few at a time, and only as their budgets let them.
final class ProfileRolloutsTest {

    private final Provisioning provisioning = new Provisioning(ConcurrentHashMap.newKeySet(), _ -> {});

    @Test
    void replacesWhatAnEarlierVersionMadeAFewAtATime(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                        .withControllers(beans.getBean(ControllerManagers.class));
                var controlPlane = ControlPlaneUser.of(host)) {
            new HostSetup(controlPlane, Beans.profiles()).install();
            try (AuditTrail audit = TestTrails.taking(folder.resolve("audit"));
                    var controller = new TenantController(
                            controlPlane,
                            provisioning.settings(folder.resolve("home")),
                            provisioning,
                            audit,
                            Beans.profiles(),
                            new LoopMetrics(new MetricRegistry()))) {
                var tenant = new Tenant();
                tenant.getMetadata().setName("acme");
                tenant.setSpec(new TenantSpec("runc"));
                host.client().resource(tenant).create();
                WalledHost.await("acme is ready", () -> controller.isReady("acme"));
                rollOut(host.client());
            }
        }
    }

    private void rollOut(KubernetesClient host) {
        var now = Beans.profiles()
                .settings(
                        "runc",
                        host.resources(IsolationProfileResource.class)
                                .withName("runc")
                                .get()
                                .getSpec())
                .version();
        var evicted = new CopyOnWriteArrayList<String>();
        WalledHost.await("the namespace takes pods", () -> takes(host, now));
        for (var name : List.of("a", "b", "c")) {
            make(host, name, "old", true);
        }
        make(host, "current", now, true);
        make(host, "bare", "old", false);
        provisioning.evict = pod -> {
            var name = pod.at("/metadata/name").asText();
            if (name.equals("c") && !evicted.contains("budget")) {
                evicted.add("budget");
                return false;
            }
            evicted.add(name);
            // its controller makes another one, which the profile of now makes
            make(host, name, now, true);
            return true;
        };
        assertThat(evicted).as("nobody asks for it").isEmpty();

        host.resources(IsolationProfileResource.class)
                .withName("runc")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"insula.io/roll-out\":\"true\"}}}");

        WalledHost.await(
                "it is done",
                () -> profile(host).getMetadata().getAnnotations() == null
                        || !profile(host).getMetadata().getAnnotations().containsKey("insula.io/roll-out"));
        assertThat(evicted).containsOnlyOnce("a", "b", "c", "budget").doesNotContain("bare", "current");
        var status = Json.MAPPER.valueToTree(profile(host).getStatus());
        assertThat(status.at("/rollout/outdated").asInt()).isZero();
        assertThat(status.at("/rollout/left").asInt())
                .as("what nothing makes anew")
                .isEqualTo(1);
    }

    private static IsolationProfileResource profile(KubernetesClient host) {
        return host.resources(IsolationProfileResource.class).withName("runc").get();
    }

    private static boolean takes(KubernetesClient host, String version) {
        try {
            var pod = onHost("probe", version);
            host.resource(pod).inNamespace("insula-acme").create();
            host.resource(pod).inNamespace("insula-acme").withGracePeriod(0).delete();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static Pod onHost(String name, String version) {
        return new PodBuilder(WalledHost.hostPod("runc"))
                .editMetadata()
                .withName(new NameMap(new TenantId("acme")).hostName("Pod", "shop", name))
                .addToAnnotations(HostPolicy.PROFILE, "runc")
                .addToAnnotations(HostPolicy.PROFILE_VERSION, version)
                .endMetadata()
                .build();
    }

    private void make(KubernetesClient host, String name, String version, boolean controlled) {
        var made = onHost(name, version);
        host.resource(made).inNamespace("insula-acme").withGracePeriod(0).delete();
        host.resource(made).inNamespace("insula-acme").create();
        provisioning.pods.put(name, tenantPod(name, controlled));
    }

    @SuppressWarnings("unchecked")
    private static ObjectNode tenantPod(String name, boolean controlled) {
        Map<String, Object> tree = Serialization.unmarshal(
                "---\n{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: shop, uid: u-" + name
                        + (controlled
                                ? ", ownerReferences: [{kind: ReplicaSet, name: r, uid: r, controller: true}]"
                                : "")
                        + "}, spec: {containers: [{name: c, image: i}]}, status: {phase: Running, conditions:"
                        + " [{type: Ready, status: 'True'}]}}",
                Map.class);
        return Json.MAPPER.valueToTree(tree);
    }
}
