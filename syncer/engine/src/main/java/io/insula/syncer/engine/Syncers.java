package io.insula.syncer.engine;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Those who decide for a tenant, by their names: the ones that all tenants have, and those of its own. Immutable.
final class Syncers {

    private final Map<String, Syncer<?>> byName;
    private final List<Syncer<?>> all;

    private Syncers(Map<String, Syncer<?>> byName) {
        this.byName = byName;
        this.all = List.copyOf(byName.values());
    }

    /// @throws IllegalStateException if two have one name
    static Syncers of(Collection<? extends Syncer<?>> syncers) {
        return new Syncers(Map.of()).and(syncers);
    }

    /// @throws IllegalStateException if two have one name
    Syncers and(Collection<? extends Syncer<?>> more) {
        var all = new LinkedHashMap<>(byName);
        for (var syncer : more) {
            var earlier = all.putIfAbsent(syncer.spec().name(), syncer);
            if (earlier != null) {
                throw new IllegalStateException(
                        "two syncers named " + syncer.spec().name() + ": " + earlier + ", " + syncer);
            }
        }
        return new Syncers(all);
    }

    Optional<Syncer<?>> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    Collection<Syncer<?>> all() {
        return all;
    }

    Set<String> names() {
        return Set.copyOf(byName.keySet());
    }

    /// Whether objects of a kind are deleted on the host by somebody else ([Syncer#isDeletedByControlPlane]).
    boolean areOnlyMarked(KindRef<?> kind) {
        return all.stream()
                .anyMatch(syncer -> syncer.isDeletedByControlPlane()
                        && syncer.spec().hostKinds().contains(kind));
    }

    /// The kinds that carry tenants' objects on the host.
    List<KindRef<?>> carrying() {
        return byName.values().stream()
                .map(Syncer::spec)
                .filter(spec -> spec.direction() == SyncSpec.Direction.TENANT_TO_HOST)
                .flatMap(spec -> spec.hostKinds().stream())
                .<KindRef<?>>map(kind -> kind)
                .distinct()
                .toList();
    }
}
