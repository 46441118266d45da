package io.insula.syncer.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Everything that the engine and its syncers do on the host, by where they do it: the source of the roles in
/// `deploy/rbac`. What is in a namespace is read and written in tenants' namespaces only. Immutable.
///
/// @param everywhere of cluster-scoped kinds
/// @param inTenants in each tenant's host namespace, where the control plane binds it
/// @param inDefault in the namespace `default`
public record HostRights(List<Right> everywhere, List<Right> inTenants, List<Right> inDefault) {

    /// @param resource `group/plural` (`/pods` for the core group)
    /// @param names of the objects it is for; empty for all
    public record Right(String resource, Set<String> verbs, Set<String> names) {
        public Right {
            verbs = Set.copyOf(verbs);
            names = Set.copyOf(names);
        }

        public String group() {
            return resource.substring(0, resource.indexOf('/'));
        }

        public String plural() {
            return resource.substring(resource.indexOf('/') + 1);
        }
    }

    public HostRights {
        everywhere = List.copyOf(everywhere);
        inTenants = List.copyOf(inTenants);
        inDefault = List.copyOf(inDefault);
    }

    /// What these syncers declare, and what the engine itself does.
    public static HostRights of(Collection<Syncer<?>> syncers) {
        var clusterScoped = syncers.stream()
                .flatMap(syncer -> syncer.spec().hostKinds().stream())
                .filter(kind -> !kind.namespaced())
                .map(SyncSpec::resource)
                .collect(Collectors.toSet());
        var everywhere = new TreeMap<String, Set<String>>();
        var inTenants = new TreeMap<String, Set<String>>();
        // the tenant's identity is noted on its host namespace
        inTenants.put("/namespaces", new TreeSet<>(Set.of("get", "patch")));
        add(everywhere, HostFacts.SERVICE_RANGES.resource(), HostFacts.SERVICE_RANGES.verbs());
        for (var syncer : syncers) {
            syncer.spec()
                    .hostVerbs()
                    .forEach((resource, verbs) ->
                            // what nobody said to be cluster-scoped is not opened to all namespaces
                            add(clusterScoped.contains(resource) ? everywhere : inTenants, resource, verbs));
        }
        return new HostRights(rights(everywhere), rights(inTenants), HostFacts.API_SERVER);
    }

    /// What syncers of one tenant alone need in that tenant's namespace.
    public static List<Right> ofOwn(Collection<Syncer<?>> syncers) {
        var verbs = new TreeMap<String, Set<String>>();
        syncers.forEach(syncer -> syncer.spec().hostVerbs().forEach((resource, each) -> add(verbs, resource, each)));
        return rights(verbs);
    }

    private static void add(Map<String, Set<String>> rights, String resource, Set<String> verbs) {
        rights.computeIfAbsent(resource, _ -> new TreeSet<>()).addAll(verbs);
    }

    private static List<Right> rights(Map<String, Set<String>> verbs) {
        var all = new ArrayList<Right>();
        verbs.forEach((resource, each) -> all.add(new Right(resource, each, Set.of())));
        return all;
    }
}
