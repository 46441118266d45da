package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.engine.TenantView;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two groups have a kind of one name, and objects of one name in it: neither is taken for the other.
@Tag("servers")
class NamesakesTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final KindRef<GenericKubernetesResource> TOY = gadget("toys.example.org");
    private static final KindRef<GenericKubernetesResource> TOOL = gadget("tools.example.org");

    @Test
    void syncsTwoKindsOfOneName() throws Exception {
        List<Syncer<?>> syncers = List.of(new GadgetSyncer(TOY), new GadgetSyncer(TOOL));
        try (var beans = ApplicationContext.run();
                var host = new Cluster(beans, false, List.of());
                var acme = new Cluster(beans, true, List.of(), syncers)) {
            for (var cluster : List.of(host, acme)) {
                define(cluster.client(), TOY);
                define(cluster.client(), TOOL);
            }
            host.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(ACME.hostNamespace())
                            .endMetadata()
                            .build())
                    .create();
            create(acme.client(), TOY, "a toy");
            create(acme.client(), TOOL, "a tool");
            try (var engine = SyncEngine.start(host.client(), syncers, SyncSettings.DEFAULT, _ -> {})) {
                engine.attach(new TenantAttachment(
                        ACME, acme.config(), 1, () -> TenantProfiles.only(Beans.settings("runc"))));
                await(
                        "both are there",
                        () -> onHost(host, TOY).equals("a toy")
                                && onHost(host, TOOL).equals("a tool"));

                resource(acme.client(), TOY).delete();
                await("one is gone", () -> onHost(host, TOY).isEmpty());
                resource(acme.client(), TOOL).edit(object -> {
                    object.setAdditionalProperty("text", "a better tool");
                    return object;
                });
                await("the other is still its own", () -> onHost(host, TOOL).equals("a better tool"));
                assertThat(host.client()
                                .genericKubernetesResources(context(TOY))
                                .inAnyNamespace()
                                .list()
                                .getItems())
                        .isEmpty();
            }
        }
    }

    private record GadgetSyncer(KindRef<GenericKubernetesResource> kind) implements Syncer<GenericKubernetesResource> {

        @Override
        public SyncSpec<GenericKubernetesResource> spec() {
            return new SyncSpec<>(
                    kind,
                    Direction.TENANT_TO_HOST,
                    true,
                    List.of(kind),
                    Map.of(SyncSpec.resource(kind), Set.of("get", "list", "watch", "create", "patch", "delete")));
        }

        @Override
        public List<Change> decide(SyncEvent<GenericKubernetesResource> event, TenantView view) {
            return switch (event) {
                case TenantOnly<GenericKubernetesResource>(var tenant) -> List.of(apply(tenant, view));
                case Paired<GenericKubernetesResource>(var tenant, var _) -> List.of(apply(tenant, view));
                case HostOnly<GenericKubernetesResource>(var host) ->
                    List.of(new DeleteFromHost(kind, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
            };
        }

        private Change apply(GenericKubernetesResource tenant, TenantView view) {
            var wanted = new GenericKubernetesResource();
            wanted.setApiVersion(kind.apiVersion());
            wanted.setKind(kind.kind());
            wanted.setMetadata(view.names().hostMeta(spec().name(), tenant));
            wanted.setAdditionalProperty("text", tenant.get("text"));
            return new ApplyToHost(kind, wanted);
        }
    }

    private static KindRef<GenericKubernetesResource> gadget(String group) {
        return new KindRef<>(GenericKubernetesResource.class, group, "v1", "Gadget", "gadgets", true);
    }

    private static void define(KubernetesClient client, KindRef<?> kind) {
        client.resource(Serialization.unmarshal("""
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: gadgets.%1$s}
                spec:
                  group: %1$s
                  scope: Namespaced
                  names: {kind: Gadget, plural: gadgets}
                  versions:
                    - name: v1
                      served: true
                      storage: true
                      schema: {openAPIV3Schema: {type: object, properties: {text: {type: string}}}}
                """.formatted(kind.group()), CustomResourceDefinition.class))
                .create();
    }

    private static void create(KubernetesClient client, KindRef<?> kind, String text) {
        var object = new GenericKubernetesResource();
        object.setApiVersion(kind.apiVersion());
        object.setKind(kind.kind());
        object.setMetadata(new ObjectMetaBuilder().withName("thing").build());
        object.setAdditionalProperty("text", text);
        client.genericKubernetesResources(context(kind))
                .inNamespace("default")
                .resource(object)
                .create();
    }

    private static io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource> resource(
            KubernetesClient client, KindRef<?> kind) {
        return client.genericKubernetesResources(context(kind))
                .inNamespace("default")
                .withName("thing");
    }

    /// Its text; empty where it is not.
    private static String onHost(Cluster host, KindRef<?> kind) {
        var name = new NameMap(ACME).hostName("Gadget." + kind.group(), "default", "thing");
        var found = host.client()
                .genericKubernetesResources(context(kind))
                .inNamespace(ACME.hostNamespace())
                .withName(name)
                .get();
        return found == null ? "" : Objects.requireNonNull(found.get("text"));
    }

    private static ResourceDefinitionContext context(KindRef<?> kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(kind.group())
                .withVersion(kind.version())
                .withKind(kind.kind())
                .withPlural(kind.plural())
                .withNamespaced(true)
                .build();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("deadline of: " + what).isNegative();
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
