package io.insula.syncer.engine;

import io.insula.syncer.engine.HostRights.Right;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that the engine and its syncers do in a tenant: what the user is given there as whom they come, and what
/// whoever steals that user's credential has. Immutable.
///
/// @param everywhere in all namespaces, and of cluster-scoped kinds
public record TenantRights(List<Right> everywhere) {

    private static final Set<String> READ = Set.of("get", "list", "watch");

    /// The tenant's identity, the uid of its namespace kube-system; and how far its store has come.
    private static final String NAMESPACES = "/namespaces";

    public TenantRights {
        everywhere = List.copyOf(everywhere);
    }

    /// What these syncers declare, and what the engine itself does.
    public static TenantRights of(Collection<Syncer<?>> syncers) {
        var verbs = new TreeMap<String, Set<String>>();
        add(verbs, NAMESPACES, Set.of("get", "list"));
        // anything may have to be told by an Event
        add(verbs, SyncSpec.resource(TenantEvents.EVENT), Set.of("create", "patch"));
        for (var syncer : syncers) {
            var spec = syncer.spec();
            if (spec.watchTenant()) {
                add(verbs, SyncSpec.resource(spec.kind()), READ);
            } else if (spec.direction() == SyncSpec.Direction.TENANT_TO_HOST) {
                // asked before the host's is deleted
                add(verbs, SyncSpec.resource(spec.kind()), Set.of("get"));
            }
            syncer.looksAt().forEach(kind -> add(verbs, SyncSpec.resource(kind), READ));
            spec.tenantVerbs().forEach((resource, written) -> add(verbs, resource, written));
        }
        return new TenantRights(verbs.entrySet().stream()
                .map(entry -> new Right(entry.getKey(), entry.getValue(), Set.of()))
                .toList());
    }

    private static void add(Map<String, Set<String>> rights, String resource, Set<String> verbs) {
        rights.computeIfAbsent(resource, _ -> new TreeSet<>()).addAll(verbs);
    }
}
