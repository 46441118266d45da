package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.controlplane.tenant.Clusters.OwnedClaim;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncKey;
import io.insula.syncer.engine.TenantId;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes the host's claims that the syncer says are to go, once the tenant itself says so: what a volume holds cannot
/// be made again, and the syncer's credential writes all tenants' namespaces. Whoever has stolen it can say what he
/// likes here. While the tenant does not run, or was set back to an older state, nothing goes. Thread-safe.
final class EndedClaims implements AutoCloseable {

    /// As metrics name it.
    static final String NAME = "claims";

    private static final Logger LOG = LoggerFactory.getLogger(EndedClaims.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30));
    private static final Duration ASK_AGAIN = Duration.ofSeconds(10);
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);
    private static final String KIND = "PersistentVolumeClaim";

    private final KubernetesClient host;
    private final TenantUnits units;
    private final SharedIndexInformer<PersistentVolumeClaim> ending;
    private final OwnThreads threads = OwnThreads.named("insula-claims");
    private final ReconcileLoop<String> loop;

    /// Starts watching; returns at once.
    EndedClaims(KubernetesClient host, TenantUnits units, LoopMeter meter) {
        this.host = host;
        this.units = units;
        this.loop = new ReconcileLoop<>(
                ReconcileLoop.Settings.<String>of(NAME, 2, BACKOFF).meter(meter), threads.lent(), new Work());
        this.ending = host.persistentVolumeClaims()
                .inAnyNamespace()
                .withLabel(InsulaLabels.ENDING)
                .runnableInformer(0);
        ending.exceptionHandler((_, _) -> true);
        ending.addEventHandler(new Differences<>((_, _) -> false, (_, claim) -> loop.add(key(claim))));
        ending.start().exceptionally(_ -> null);
        loop.open();
    }

    /// For whoever shows its depth.
    ReconcileLoop<?> queue() {
        return loop;
    }

    @Override
    public void close() {
        ending.close();
        loop.closeWith(threads, CLOSE_WITHIN);
    }

    private static String key(HasMetadata claim) {
        return claim.getMetadata().getNamespace() + "/" + claim.getMetadata().getName();
    }

    private Outcome look(PersistentVolumeClaim claim) {
        var namespace =
                host.namespaces().withName(claim.getMetadata().getNamespace()).get();
        if (namespace == null || namespace.isMarkedForDeletion()) {
            return Outcome.SETTLED;
        }
        var tenant = HostNamespaces.tenantOf(namespace);
        var own = tenant.isEmpty() ? Optional.<OwnedClaim>empty() : own(tenant, namespace, claim);
        if (own.isEmpty()) {
            // nobody's but its administrators' to delete
            return Outcome.SETTLED;
        }
        if (isSetBack(tenant)
                || units.find(tenant)
                        .filter(unit -> unit.runtime().hasEnded(own.get()))
                        .isEmpty()) {
            return new Outcome.RequeueAfter(ASK_AGAIN, "the tenant to say that its claim is gone");
        }
        host.resource(claim)
                .lockResourceVersion(claim.getMetadata().getResourceVersion())
                .delete();
        LOG.atInfo()
                .addKeyValue("tenant", tenant)
                .addKeyValue("namespace", own.get().namespace())
                .addKeyValue("name", own.get().name())
                .log("claim on the host is deleted, as the tenant's is gone");
        return Outcome.SETTLED;
    }

    /// What the tenant has instead of what it has lost is no proof of anything, until a person has looked. Not from
    /// memory.
    private boolean isSetBack(String tenant) {
        var object = host.resources(Tenant.class).withName(tenant).get();
        return object == null || TenantObjects.hasAnnotation(object, Tenancy.RESTORED);
    }

    /// Whose claim it is, if its name follows from what it says of itself.
    private static Optional<OwnedClaim> own(String tenant, Namespace namespace, PersistentVolumeClaim claim) {
        return new NameMap(new TenantId(tenant))
                .tenantKey(claim)
                .filter(key -> key.syncer().equals(KIND))
                .map(key -> own(key, namespace, claim));
    }

    private static OwnedClaim own(SyncKey key, Namespace namespace, PersistentVolumeClaim claim) {
        return new OwnedClaim(
                note(namespace, InsulaLabels.CLUSTER_UID), key.namespace(), key.name(), note(claim, InsulaLabels.UID));
    }

    private static String note(HasMetadata object, String key) {
        return Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.<String, String>of())
                .getOrDefault(key, "");
    }

    private final class Work implements ReconcileLoop.Work<String> {
        @Override
        public Outcome reconcile(String key) {
            var claim = ending.getStore().getByKey(key);
            return claim == null || claim.isMarkedForDeletion() ? Outcome.SETTLED : look(claim);
        }

        @Override
        public void failed(String key, RuntimeException cause, int failuresInARow, Duration retryIn) {
            LOG.atWarn()
                    .addKeyValue("claim", key)
                    .addKeyValue("retryIn", retryIn)
                    .addKeyValue("cause", String.valueOf(cause))
                    .log("a claim whose tenant's is gone is still on the host; it is tried again");
        }
    }
}
