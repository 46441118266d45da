package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.audit.AuditEventSchema;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A consumer of the trail can take every event into upstream's types, and tell from the syncer's which of the API
/// servers' it belongs to.
final class SyncEventsTest {

    private static final Duration SOON = Duration.ofMinutes(2);

    private static final ProfileSettings RUNC = Beans.profiles().settings("runc", Map.of("sandbox", "runc"));

    private static final Set<String> CHANGES = Set.of("patch", "update", "delete", "deletecollection");

    private final Collection<ObjectNode> ofSyncer = new ConcurrentLinkedQueue<>();
    private final Collection<ObjectNode> ofTenant = new ConcurrentLinkedQueue<>();
    private final Collection<ObjectNode> ofHost = new ConcurrentLinkedQueue<>();

    @Test
    void makesValidEventsThatJoinWithTheApiServers(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = cluster(beans, "host", folder, ofHost);
                var tenant = cluster(beans, "acme", folder, ofTenant)) {
            List<Syncer<?>> syncers = Beans.syncers();
            var audit = new SyncEvents(_ -> ofSyncer::add, Clock.systemUTC(), syncers);
            try (var engine = SyncEngine.start(host.client(), syncers, SyncSettings.DEFAULT, audit)) {
                engine.attach(new TenantAttachment(
                        new TenantId("acme"), tenant.config(), 1, () -> new TenantProfiles(RUNC, List.of())));
                use(tenant);
                await(() -> written("configmaps") && written("pods") && written("namespaces"));
            }
        }
        for (Collection<ObjectNode> trail : List.of(ofSyncer, ofTenant, ofHost)) {
            assertThat(trail).isNotEmpty();
            for (ObjectNode event : trail) {
                assertThat(AuditEventSchema.violations(event))
                        .as(event.toString())
                        .isEmpty();
            }
        }
        joins();
        misses(ofHost);
        misses(ofTenant);
    }

    /// No write of the syncer goes unrecorded. But for the servers themselves nobody else changes anything here, or
    /// makes a pod on the host.
    private void misses(Collection<ObjectNode> trail) {
        var recorded = ofSyncer.stream()
                .map(event ->
                        event.at("/annotations/insula.io~1request-audit-id").asText())
                .collect(Collectors.toSet());
        var writes = trail.stream()
                .filter(event -> event.path("stage").asText().equals("ResponseComplete"))
                .filter(event -> !event.path("userAgent").asText().equals("kube-apiserver"))
                .filter(event -> CHANGES.contains(event.path("verb").asText()) || isPodOnHost(event))
                .toList();
        assertThat(writes)
                .isNotEmpty()
                .allSatisfy(event ->
                        assertThat(recorded).contains(event.path("auditID").asText()));
    }

    private void joins() {
        Map<String, ObjectNode> byId = new ArrayList<>(ofTenant)
                .stream()
                        .filter(e -> e.path("stage").asText().equals("ResponseComplete"))
                        .collect(Collectors.toMap(e -> e.path("auditID").asText(), e -> e, (a, _) -> a));
        ofHost.stream()
                .filter(e -> e.path("stage").asText().equals("ResponseComplete"))
                .forEach(e -> byId.put(e.path("auditID").asText(), e));
        for (ObjectNode event : ofSyncer) {
            JsonNode said = event.path("annotations");
            String request = said.path("insula.io/request-audit-id").asText();
            assertThat(byId).as("the API server's event of " + event).containsKey(request);
            ObjectNode own = Objects.requireNonNull(byId.get(request));
            assertThat(own.path("requestURI")).isEqualTo(event.path("requestURI"));
            assertThat(own.path("verb")).isEqualTo(event.path("verb"));
            assertThat(event.path("auditID")).isNotEqualTo(own.path("auditID"));
            assertThat(said.path("insula.io/object-name").asText()).isNotEmpty();
            assertThat(said.path("insula.io/host-namespace").asText()).isEqualTo("insula-acme");
            assertThat(said.path("insula.io/host-name").asText()).isNotEmpty();
        }
    }

    private static boolean isPodOnHost(ObjectNode event) {
        return event.path("verb").asText().equals("create")
                && event.at("/objectRef/resource").asText().equals("pods")
                && event.at("/objectRef/namespace").asText().equals("insula-acme");
    }

    private boolean written(String resource) {
        return ofSyncer.stream()
                .anyMatch(e -> e.path("objectRef").path("resource").asText().equals(resource));
    }

    private static TestCluster cluster(
            ApplicationContext beans, String name, Path folder, Collection<ObjectNode> events) {
        var cluster = new TestCluster(
                name, folder.resolve(name), beans.getBean(ServerComponents.class), b -> b.auditSink(events::add));
        for (String namespace : List.of("default", "insula-acme")) {
            if (cluster.client().namespaces().withName(namespace).get() == null) {
                cluster.client()
                        .resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .addToLabels(Tenancy.TENANT_LABEL, "acme")
                                .endMetadata()
                                .build())
                        .create();
            }
            // no controller makes it here, and no pod is admitted without
            cluster.client()
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("default")
                            .withNamespace(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
        return cluster;
    }

    private static void use(TestCluster tenant) {
        tenant.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("settings")
                        .withNamespace("default")
                        .endMetadata()
                        .addToData("a", "b")
                        .build())
                .create();
        tenant.client()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withAutomountServiceAccountToken(false)
                        .addNewContainer()
                        .withName("c")
                        .withImage("nginx")
                        .addNewEnvFrom()
                        .withNewConfigMapRef()
                        .withName("settings")
                        .endConfigMapRef()
                        .endEnvFrom()
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(SOON);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("not within " + SOON).isBefore(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
