package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.controlplane.tenant.Clusters.OwnedObject;
import io.insula.controlplane.tenant.Clusters.Said;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncKey;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.kinds.WantedHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes away on the host what the syncer says is to go and cannot be made again ([EndedKind]), once the tenant itself
/// says so: the syncer's credential writes all tenants' namespaces, and whoever has stolen it can say what he likes
/// here. While the tenant does not run, or was set back to an older state, nothing goes. Thread-safe.
final class EndedObjects implements AutoCloseable {

    /// As metrics name it.
    static final String NAME = "ended";

    private static final Logger LOG = LoggerFactory.getLogger(EndedObjects.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30));
    private static final Duration ASK_AGAIN = Duration.ofSeconds(10);
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);
    private static final int NOT_FOUND = 404;

    private final KubernetesClient host;
    private final TenantUnits units;
    private final List<SharedIndexInformer<?>> ending = new ArrayList<>();
    private final OwnThreads threads = OwnThreads.named("insula-ended");
    private final ReconcileLoop<Key> loop;
    private final Rounds snapshots = new Rounds("insula-snapshots", ASK_AGAIN, this::lookForSnapshots);

    /// @param namespace empty for what is in none
    private record Key(EndedKind kind, String namespace, String name) {
        static Key of(EndedKind kind, HasMetadata object) {
            return new Key(
                    kind,
                    Objects.requireNonNullElse(object.getMetadata().getNamespace(), ""),
                    object.getMetadata().getName());
        }
    }

    /// Starts watching; returns at once.
    EndedObjects(KubernetesClient host, TenantUnits units, LoopMeter meter) {
        this.host = host;
        this.units = units;
        this.loop = new ReconcileLoop<>(
                ReconcileLoop.Settings.<Key>of(NAME, 2, BACKOFF).meter(meter), threads.lent(), new Work());
        watch(EndedKind.CLAIM);
        watch(EndedKind.HOSTS);
        snapshots.begin();
        loop.open();
    }

    private void watch(EndedKind kind) {
        var informer = host.genericKubernetesResources(kind.host())
                .inAnyNamespace()
                .withLabel(InsulaLabels.ENDING)
                .runnableInformer(0);
        informer.exceptionHandler((_, _) -> true);
        informer.addEventHandler(new Differences<>((_, _) -> false, (_, object) -> loop.add(Key.of(kind, object))));
        informer.start().exceptionally(_ -> null);
        ending.add(informer);
    }

    /// Not every host serves them, so that they are not watched.
    private void lookForSnapshots() {
        try {
            host.genericKubernetesResources(EndedKind.SNAPSHOT.host())
                    .inAnyNamespace()
                    .withLabel(InsulaLabels.ENDING)
                    .list()
                    .getItems()
                    .forEach(each -> loop.add(Key.of(EndedKind.SNAPSHOT, each)));
        } catch (KubernetesClientException e) {
            if (e.getCode() != NOT_FOUND) {
                LOG.atDebug().setCause(e).log("the host does not list its snapshots; it is asked again");
            }
        }
    }

    /// For whoever shows its depth.
    ReconcileLoop<?> queue() {
        return loop;
    }

    @Override
    public void close() {
        snapshots.close();
        ending.forEach(SharedIndexInformer::close);
        loop.closeWith(threads, CLOSE_WITHIN);
    }

    private Resource<GenericKubernetesResource> resource(Key key) {
        var all = host.genericKubernetesResources(key.kind().host());
        return key.namespace().isEmpty()
                ? all.withName(key.name())
                : all.inNamespace(key.namespace()).withName(key.name());
    }

    private Outcome look(Key key, GenericKubernetesResource object) {
        var tenant = HostNamespaces.tenantOf(object);
        var namespace = host.namespaces()
                .withName(key.namespace().isEmpty() ? Tenancy.hostNamespace(tenant) : key.namespace())
                .get();
        if (namespace == null
                || namespace.isMarkedForDeletion()
                || !HostNamespaces.tenantOf(namespace).equals(tenant)) {
            return Outcome.SETTLED;
        }
        var own = own(key.kind(), tenant, namespace, object);
        if (own.isEmpty()) {
            // nobody's but its administrators' to delete
            return Outcome.SETTLED;
        }
        var owner = host.resources(Tenant.class).withName(tenant).get();
        // what it has instead of what it has lost is no proof of anything, until a person has looked
        boolean isSetBack = owner == null || TenantObjects.hasAnnotation(owner, Tenancy.RESTORED);
        boolean isTaken = !isSetBack
                && (key.kind() == EndedKind.HOSTS
                        ? takeHosts(key, object, ask(tenant, own.get()))
                        : takeData(key, object, owner, own.get()));
        return isTaken
                ? Outcome.SETTLED
                : new Outcome.RequeueAfter(ASK_AGAIN, "the tenant to say that it has this no more");
    }

    private Said ask(String tenant, OwnedObject owned) {
        return units.find(tenant).map(unit -> unit.runtime().ask(owned)).orElseGet(Said.Nothing::new);
    }

    /// Data also go with the superuser's rule that brought them to the host.
    private boolean takeData(Key key, GenericKubernetesResource object, Tenant owner, OwnedObject owned) {
        boolean hasRule = key.kind() != EndedKind.SNAPSHOT
                || owner.getSpec().customKinds().stream().anyMatch(key.kind()::isOf);
        if (hasRule && !ask(TenantObjects.nameOf(owner), owned).hasEnded(owned)) {
            return false;
        }
        delete(key, object);
        return true;
    }

    /// Names go one by one, as far as the Ingress does not ask for them any more.
    private boolean takeHosts(Key key, GenericKubernetesResource claim, Said said) {
        return switch (said) {
            case Said.Nothing() -> false;
            case Said.Gone() -> keepHosts(key, claim, Set.of());
            case Said.There(var ingress) -> keepHosts(key, claim, WantedHosts.of(ingress, this::isShared));
        };
    }

    private boolean keepHosts(Key key, GenericKubernetesResource claim, Set<String> wanted) {
        var before = claim.getAdditionalProperties().get("spec");
        if (!WantedHosts.keep(claim, wanted)) {
            delete(key, claim);
            return true;
        }
        if (Objects.equals(before, claim.getAdditionalProperties().get("spec"))) {
            return false;
        }
        claim.getMetadata().getLabels().remove(InsulaLabels.ENDING);
        // of this resourceVersion
        host.genericKubernetesResources(key.kind().host()).resource(claim).update();
        return true;
    }

    private boolean isShared(String ingressClass) {
        var object = host.resources(IngressClass.class).withName(ingressClass).get();
        return object != null
                && Objects.requireNonNullElse(object.getMetadata().getLabels(), Map.<String, String>of())
                        .getOrDefault(InsulaLabels.SHARED, "")
                        .equals("true");
    }

    private void delete(Key key, GenericKubernetesResource object) {
        resource(key)
                .lockResourceVersion(object.getMetadata().getResourceVersion())
                .delete();
        LOG.atInfo()
                .addKeyValue("tenant", HostNamespaces.tenantOf(object))
                .addKeyValue("kind", object.getKind())
                .addKeyValue("namespace", note(object, InsulaLabels.NAMESPACE))
                .addKeyValue("name", note(object, InsulaLabels.NAME))
                .log("object on the host is deleted, as the tenant's is gone");
    }

    /// Whose object it is, if its name follows from what it says of itself.
    private static Optional<OwnedObject> own(
            EndedKind kind, String tenant, Namespace namespace, GenericKubernetesResource object) {
        return tenant.isEmpty()
                ? Optional.empty()
                : new NameMap(new TenantId(tenant))
                        .tenantKey(object)
                        .filter(key -> key.syncer().equals(kind.syncer()))
                        .map(key -> own(kind, key, namespace, object));
    }

    private static OwnedObject own(EndedKind kind, SyncKey key, Namespace namespace, GenericKubernetesResource object) {
        return new OwnedObject(
                note(namespace, InsulaLabels.CLUSTER_UID),
                kind.inTenant(),
                key.namespace(),
                key.name(),
                note(object, InsulaLabels.UID));
    }

    private static String note(HasMetadata object, String key) {
        return Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.<String, String>of())
                .getOrDefault(key, "");
    }

    private final class Work implements ReconcileLoop.Work<Key> {
        @Override
        public Outcome reconcile(Key key) {
            var object = resource(key).get();
            return object == null
                            || object.isMarkedForDeletion()
                            || object.getMetadata().getLabels() == null
                            || !object.getMetadata().getLabels().containsKey(InsulaLabels.ENDING)
                    ? Outcome.SETTLED
                    : look(key, object);
        }

        @Override
        public void failed(Key key, RuntimeException cause, int failuresInARow, Duration retryIn) {
            LOG.atWarn()
                    .addKeyValue("object", key)
                    .addKeyValue("retryIn", retryIn)
                    .addKeyValue("cause", String.valueOf(cause))
                    .log("what a tenant has no more is still on the host; it is tried again");
        }
    }
}
