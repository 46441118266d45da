package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec.Direction;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Shows both sides of a key to its syncer, and knows all keys that a tenant has. Reads caches only, writes nothing.
/// Thread-safe.
final class Decisions {

    private final InstantSource clock;

    Decisions(InstantSource clock) {
        this.clock = clock;
    }

    /// What to do about one key; empty when both sides agree, or nobody is responsible.
    List<Change> of(SyncKey key, AttachedTenant tenant) {
        return of(key, tenant, tenant);
    }

    private List<Change> of(SyncKey key, AttachedTenant tenant, TenantView view) {
        return tenant.syncers()
                .find(key.syncer())
                .filter(tenant::isDecidable)
                .map(syncer -> decide(syncer, tenant, key, view))
                .orElse(List.of());
    }

    /// Everything that there is to decide about a tenant, on either side.
    Set<SyncKey> keys(AttachedTenant tenant) {
        var keys = new HashSet<SyncKey>();
        var syncers = tenant.syncers().all();
        for (var cache : tenant.caches()) {
            var names = syncers.stream()
                    .map(Syncer::spec)
                    .filter(spec -> spec.watchTenant()
                            && spec.kind().id().equals(cache.kind().id()))
                    .map(SyncSpec::name)
                    .toList();
            for (var object : cache.list()) {
                names.forEach(name -> keys.add(SyncKey.of(tenant.id(), name, object)));
            }
        }
        for (var syncer : syncers) {
            if (syncer.spec().direction() == Direction.TENANT_TO_HOST) {
                for (var kind : syncer.spec().hostKinds()) {
                    tenant.hostObjects(kind)
                            .forEach(object -> tenant.names().tenantKey(object).ifPresent(keys::add));
                }
            } else if (syncer.spec().watchTenant()) {
                for (var kind : syncer.spec().hostKinds()) {
                    tenant.hostObjects(kind).stream()
                            .flatMap(object -> syncer.tenantObjectsOf(object, tenant).stream())
                            .forEach(each -> keys.add(SyncKey.of(tenant.id(), each)));
                }
            }
        }
        return keys;
    }

    /// Tenant objects that would be deleted because the host lacks what it had of them: key and uid.
    Map<SyncKey, String> vanished(AttachedTenant tenant) {
        var all = new HashMap<SyncKey, String>();
        var view = new AsIfNothingWereLost(tenant);
        for (var key : keys(tenant)) {
            for (var change : of(key, tenant, view)) {
                if (change instanceof Change.DeleteFromTenant delete
                        && delete.hostGone()
                        && delete.tenant().getMetadata().getDeletionTimestamp() == null) {
                    all.put(key, delete.tenant().getMetadata().getUid());
                }
            }
        }
        return all;
    }

    private <T extends HasMetadata> List<Change> decide(
            Syncer<T> syncer, AttachedTenant tenant, SyncKey key, TenantView view) {
        var name = syncer.hostName(key.namespace(), key.name(), tenant.names());
        var own = tenant.tenantObject(syncer.spec().kind(), key.namespace(), key.name());
        var host = syncer.spec().hostKinds().stream()
                .<HasMetadata>flatMap(kind -> tenant.hostObject(kind, name).stream())
                .findFirst();
        if (host.isEmpty()) {
            if (own.isEmpty()) {
                tenant.forget(key);
                return List.of();
            }
            return syncer.decide(new TenantOnly<>(own.get()), view);
        }
        if (own.isPresent() && sameObject(syncer, own.get(), host.get())) {
            return syncer.decide(new Paired<>(own.get(), host.get()), view);
        }
        var wait = Reservations.wait(host.get(), own.isPresent(), clock.instant());
        if (wait.isPresent()) {
            return List.of(new LookAgain(wait.get(), "the write that the host object is reserved for"));
        }
        // two creates of one name raced for the reservation, and the other one was stored
        boolean adopted = own.isPresent() && Reservations.isReserved(host.get());
        return syncer.decide(adopted ? new Paired<>(own.get(), host.get()) : new HostOnly<>(host.get()), view);
    }

    private static boolean sameObject(Syncer<?> syncer, HasMetadata own, HasMetadata host) {
        if (syncer.spec().direction() == Direction.HOST_TO_TENANT) {
            return true;
        }
        var annotations = host.getMetadata().getAnnotations();
        return annotations != null && Objects.equals(own.getMetadata().getUid(), annotations.get(InsulaLabels.UID));
    }
}
