package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.AttachedTenant.HostObject;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Which keys are to be decided on when an object of either side changes. Remembers with the tenant who names what, and
/// what was seen to be deleted. Thread-safe; called on informers' threads, does nothing that takes long.
final class EventKeys implements Cache.Listener {

    private final Syncers shared;
    private final Map<TenantId, AttachedTenant> tenants;
    private final Consumer<SyncKey> queue;

    /// @param shared those that all tenants have
    /// @param tenants that are attached now
    EventKeys(Syncers shared, Map<TenantId, AttachedTenant> tenants, Consumer<SyncKey> queue) {
        this.shared = shared;
        this.tenants = tenants;
        this.queue = queue;
    }

    /// The host's caches tell.
    @Override
    public void changed(HasMetadata object, boolean deleted, boolean witnessed) {
        hostChanged(object, deleted, witnessed);
        decideAgain(syncer -> syncer.dependsOn(object).isPresent(), List.of(object));
    }

    @Override
    public void updated(HasMetadata before, HasMetadata object) {
        hostChanged(object, false, true);
        decideAgain(syncer -> !syncer.dependsOn(before).equals(syncer.dependsOn(object)), List.of(before, object));
    }

    /// What the host's caches told before this tenant was attached.
    void attached(AttachedTenant tenant) {
        existing(tenant).forEach(object -> hostChanged(tenant, object, false));
    }

    private static List<HasMetadata> existing(AttachedTenant tenant) {
        return tenant.syncers().all().stream()
                .flatMap(syncer -> syncer.spec().hostKinds().stream())
                .<HasMetadata>flatMap(kind -> tenant.hostObjects(kind).stream())
                .toList();
    }

    /// The tenant's caches tell.
    void tenantChanged(AttachedTenant tenant, HasMetadata object, boolean deleted, boolean witnessed) {
        for (var syncer : tenant.syncers().all()) {
            var spec = syncer.spec();
            if (syncer.looksAt().stream().anyMatch(kind -> kind.isOf(object))) {
                syncer.dependents(object, tenant).forEach(each -> queue.accept(SyncKey.of(tenant.id(), each)));
            }
            if (!spec.watchTenant() || !spec.kind().isOf(object)) {
                continue;
            }
            var key = SyncKey.of(tenant.id(), spec.name(), object);
            if (deleted && witnessed) {
                tenant.witness(key, object);
            }
            var references = deleted ? Set.<Reference>of() : references(syncer, object, tenant);
            tenant.named(key, references).forEach(reference -> queue.accept(SyncKey.of(tenant.id(), reference)));
            queue.accept(key);
        }
    }

    private static <T extends HasMetadata> Set<Reference> references(
            Syncer<T> syncer, HasMetadata object, AttachedTenant tenant) {
        return syncer.references(syncer.spec().kind().type().cast(object), tenant);
    }

    private void hostChanged(HasMetadata object, boolean deleted, boolean witnessed) {
        var namespace = object.getMetadata().getNamespace();
        for (var tenant : tenants.values()) {
            if (namespace == null || tenant.id().hostNamespace().equals(namespace)) {
                if (witnessed) {
                    witness(tenant, object, deleted);
                }
                hostChanged(tenant, object, deleted);
            }
        }
    }

    /// Everything that these of the shared syncers decide on, of every tenant, as far as it has to do with what was
    /// seen.
    private void decideAgain(Predicate<Syncer<?>> which, List<HasMetadata> seen) {
        shared.all().stream()
                .filter(which)
                .forEach(syncer -> tenants.values().forEach(tenant -> decideAgain(syncer, tenant, seen)));
    }

    private <T extends HasMetadata> void decideAgain(Syncer<T> syncer, AttachedTenant tenant, List<HasMetadata> seen) {
        tenant.tenantObjects(syncer.spec().kind()).stream()
                .filter(object -> seen.stream().anyMatch(host -> syncer.isConcerned(object, host)))
                .map(object -> SyncKey.of(tenant.id(), syncer.spec().name(), object))
                .forEach(queue);
    }

    private static void witness(AttachedTenant tenant, HasMetadata object, boolean deleted) {
        tenant.names().tenantKey(object).ifPresent(key -> {
            if (deleted) {
                tenant.witnessHost(
                        key,
                        Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.<String, String>of())
                                .getOrDefault(InsulaLabels.UID, ""));
            } else {
                tenant.seenOnHost(key);
            }
        });
    }

    private void hostChanged(AttachedTenant tenant, HasMetadata object, boolean deleted) {
        tenant.names().tenantKey(object).ifPresent(key -> {
            tenant.syncers()
                    .find(key.syncer())
                    .ifPresent(syncer -> tenant.hostReferences()
                            .set(HostObject.of(object), deleted ? Set.of() : syncer.hostReferences(object))
                            .forEach(named -> enqueueHostObject(tenant, named)));
            queue.accept(key);
        });
        for (var syncer : tenant.syncers().all()) {
            if (syncer.spec().direction() == Direction.HOST_TO_TENANT) {
                syncer.tenantObjectsOf(object, tenant).forEach(each -> queue.accept(SyncKey.of(tenant.id(), each)));
            }
        }
    }

    /// What a host workload no longer names may have to go.
    private void enqueueHostObject(AttachedTenant tenant, Reference named) {
        tenant.syncers()
                .find(named.syncer())
                .ifPresent(syncer -> syncer.spec()
                        .hostKinds()
                        .forEach(kind -> tenant.hostObject(kind, named.name())
                                .flatMap(object -> tenant.names().tenantKey(object))
                                .ifPresent(queue)));
    }
}
