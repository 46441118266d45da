package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the host says, in a tenant's words: names of host objects become those of the tenant's objects, its host
/// namespace the tenant's, uids of host objects those of the tenant's. What is named after nothing of this tenant's is
/// not told, as it may be another tenant's. Immutable.
///
/// @param namespace of the tenant object that is spoken of
/// @param objects the tenant's object for a name on the host, if there is one that may be named
/// @param known names on the host, and what they are called in the tenant, besides those of host objects
/// @param uids uids on the host, and in the tenant
/// @param said words of the tenant's own that the host repeats, and that may look like a name of the host's: images
public record HostWords(
        NameMap names,
        String namespace,
        Function<String, Optional<SyncKey>> objects,
        Map<String, String> known,
        Map<String, String> uids,
        List<String> said) {

    /// Stands for what is not told.
    public static final String UNTOLD = "another";

    /// As [NameMap#hostName] makes them, with the namespace that the host may put before.
    private static final Pattern NAME =
            Pattern.compile("(?:(insula-[-a-z0-9]+)([/_]))?([a-z][-a-z0-9]*-[a-z2-7]{20})(?![a-z0-9])");

    private static final Pattern NAMESPACE = Pattern.compile("(?<![-a-z0-9])insula-[a-z0-9][-a-z0-9]*");

    private static final Pattern POD_UID = Pattern.compile("(?<=[Pp]od )[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    public HostWords {
        known = Map.copyOf(known);
        uids = Map.copyOf(uids);
        said = List.copyOf(said);
    }

    /// About one object of the tenant's.
    ///
    /// @param kind as in the name of its host object
    /// @param references what it names, in the tenant
    /// @param kinds the host's kinds whose objects may be named
    public static HostWords about(
            HasMetadata tenant,
            String kind,
            Collection<Syncer.Reference> references,
            Collection<? extends KindRef<?>> kinds,
            Map<String, String> uids,
            TenantView view) {
        var alone = about(tenant, kind, view.names());
        var known = new HashMap<>(alone.known());
        references.forEach(
                each -> known.put(view.names().hostName(each.syncer(), each.namespace(), each.name()), each.name()));
        var named = List.copyOf(kinds);
        return new HostWords(
                view.names(),
                alone.namespace(),
                hostName -> tenantObject(named, hostName, view),
                known,
                uids,
                List.of());
    }

    /// About one object of the tenant's, where no other is known.
    public static HostWords about(HasMetadata tenant, String kind, NameMap names) {
        var name = tenant.getMetadata().getName();
        var namespace = SyncKey.namespaceOf(tenant);
        var known = new HashMap<String, String>();
        // a pod's tokens are an object of their own on the host, under the pod's name
        List.of(kind, "Token").forEach(each -> known.put(names.hostName(each, namespace, name), name));
        return new HostWords(names, namespace, _ -> Optional.empty(), known, Map.of(), List.of());
    }

    private static Optional<SyncKey> tenantObject(List<? extends KindRef<?>> kinds, String hostName, TenantView view) {
        return kinds.stream()
                .filter(KindRef::namespaced)
                .<HasMetadata>flatMap(kind -> view.hostObject(kind, hostName).stream())
                .flatMap(object -> view.names().tenantKey(object).stream())
                .findFirst();
    }

    /// With words of the tenant's own.
    public HostWords having(Collection<String> words) {
        return new HostWords(names, namespace, objects, known, uids, List.copyOf(words));
    }

    /// The same in the tenant's words.
    public String translate(String text) {
        var named = NAME.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(name(found.group(1), found.group(2), found.group(3))));
        var spaced = NAMESPACE.matcher(named).replaceAll(found -> Matcher.quoteReplacement(namespace(found.group())));
        var told = spaced;
        for (var uid : uids.entrySet()) {
            told = told.replace(uid.getKey(), uid.getValue());
        }
        return POD_UID.matcher(told)
                .replaceAll(found -> uids.containsValue(found.group()) ? found.group() : "of another workload");
    }

    private String namespace(String word) {
        if (word.equals(names.tenant().hostNamespace())) {
            return namespace;
        }
        return said.stream().anyMatch(text -> text.contains(word)) ? word : UNTOLD + " namespace";
    }

    private String name(@Nullable String space, String separator, String name) {
        for (int start = 0; start >= 0; start = next(name, start)) {
            var found = tenantName(name.substring(start));
            if (found.isPresent()) {
                var own = found.get();
                return (space == null ? "" : own.namespace() + separator) + name.substring(0, start) + own.name();
            }
        }
        return UNTOLD;
    }

    /// Where the name may begin that others were put before: `virt-launcher-`, `pod-`.
    private static int next(String name, int start) {
        int dash = name.indexOf('-', start);
        return dash < 0 ? -1 : dash + 1;
    }

    private Optional<SyncKey> tenantName(String hostName) {
        var name = known.get(hostName);
        return name == null ? objects.apply(hostName) : Optional.of(new SyncKey(names.tenant(), "", namespace, name));
    }
}
