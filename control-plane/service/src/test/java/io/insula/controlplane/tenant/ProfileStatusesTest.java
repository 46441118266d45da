package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a host lacks is told by the profiles before a tenant has a pod.
final class ProfileStatusesTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void tellsWhichProfilesTheHostCanServeAndOnWhichNodes(@TempDir Path folder) {
        var provisioning = new Provisioning(ConcurrentHashMap.newKeySet(), _ -> {});
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder);
                var controlPlane = ControlPlaneUser.of(host)) {
            new HostSetup(controlPlane, Beans.profiles()).install();
            host.client().resource(bad()).create();
            try (var audit = TestTrails.taking(folder.resolve("audit"));
                    var _ = new TenantController(
                            controlPlane,
                            provisioning.settings(folder.resolve("home")),
                            provisioning,
                            audit,
                            Beans.profiles(),
                            new LoopMetrics(new MetricRegistry()))) {
                await(host, "runc", status -> told(status, "False", "NoNodes", "it has no nodes"));
                await(host, "kata", status -> told(status, "False", "SandboxMissing", "no RuntimeClass \"kata\""));
                await(host, "kubevirt", status -> told(status, "False", "SandboxMissing", "install KubeVirt"));
                await(
                        host,
                        "bad",
                        status -> told(status, "False", "InvalidProfile", "no RuntimeClass that could carry it"));

                host.client().resource(node("n1", Map.of())).create();
                host.client()
                        .resource(new RuntimeClassBuilder()
                                .withNewMetadata()
                                .withName("kata")
                                .endMetadata()
                                .withHandler("kata")
                                .build())
                        .create();

                var runc = await(host, "runc", status -> told(status, "True", "Served", "1 nodes"));
                assertThat(runc.path("nodes")).extracting(JsonNode::asText).containsExactly("n1");
                assertThat(runc.path("nodeCount").asInt()).isEqualTo(1);
                await(host, "kata", status -> told(status, "False", "NoNodes", "insula.io/node-pool=bare-metal"));

                host.client()
                        .nodes()
                        .withName("n1")
                        .edit(node -> new NodeBuilder(node)
                                .editMetadata()
                                .addToLabels("insula.io/node-pool", "bare-metal")
                                .endMetadata()
                                .build());
                await(host, "kata", status -> told(status, "True", "Served", "1 nodes"));

                assertThat(status(host, "runc").path("tenantCount").asInt()).isZero();
                host.client()
                        .resource(tenant("globex", "kata", List.of("runc")))
                        .create();
                host.client().resource(tenant("acme", "runc", List.of("runc"))).create();
                await(host, "runc", status -> status.path("tenants").toString().equals("[\"acme\",\"globex\"]"));
                await(host, "kata", status -> status.path("tenantCount").asInt() == 1);

                host.client().nodes().withName("n1").delete();
                var gone = await(host, "runc", status -> told(status, "False", "NoNodes", ""));
                assertThat(gone.path("nodes")).isEmpty();
            }
        }
    }

    private static boolean told(JsonNode status, String holds, String reason, String message) {
        JsonNode condition = status.path("conditions").path(0);
        return condition.path("type").asText().equals("Served")
                && condition.path("status").asText().equals(holds)
                && condition.path("reason").asText().equals(reason)
                && condition.path("message").asText().contains(message);
    }

    private static JsonNode await(TestCluster host, String profile, Predicate<JsonNode> until) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            JsonNode status = status(host, profile);
            if (until.test(status)) {
                return status;
            }
            assertThat(Instant.now()).as("%s has %s", profile, status).isBefore(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static JsonNode status(TestCluster host, String profile) {
        var found = host.client()
                .resources(IsolationProfileResource.class)
                .withName(profile)
                .get();
        return Json.MAPPER.valueToTree(Objects.requireNonNullElse(found.getStatus(), Map.of()));
    }

    private static Tenant tenant(String name, String profile, List<String> allowed) {
        return Serialization.unmarshal(
                "apiVersion: tenancy.insula.io/v1alpha1\nkind: Tenant\nmetadata: {name: " + name
                        + "}\nspec: {isolationProfile: " + profile + ", allowedProfiles: " + allowed + "}",
                Tenant.class);
    }

    private static io.fabric8.kubernetes.api.model.Node node(String name, Map<String, String> labels) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build();
    }

    /// What its schema lets pass and nobody can obey.
    private static IsolationProfileResource bad() {
        return Serialization.unmarshal("""
                apiVersion: tenancy.insula.io/v1alpha1
                kind: IsolationProfile
                metadata: {name: bad}
                spec: {sandbox: runc, overhead: {cpu: 1}}
                """, IsolationProfileResource.class);
    }
}
