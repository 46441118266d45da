package io.insula.tenantapi.discovery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Subresource;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The discovery documents of one server. Immutable.
public final class Discovery {

    private static final Comparator<KindSpec> BY_RESOURCE = Comparator.comparing(KindSpec::resource);

    /// Group → version → kinds, each in the order they are told.
    private final TreeMap<String, TreeMap<String, List<KindSpec>>> groups;

    /// By group and version, those that other servers serve.
    private final Map<String, RemoteVersion> remotes = new HashMap<>();

    private final ObjectNode aggregatedCore;
    private final ObjectNode aggregatedGroups;

    public Discovery(Collection<KindSpec> kinds) {
        this(kinds, List.of());
    }

    /// @param others what other servers serve behind this one; of no group and version that `kinds` have
    public Discovery(Collection<KindSpec> kinds, Collection<RemoteVersion> others) {
        var priorities = new HashMap<String, Integer>();
        others.forEach(other -> priorities.merge(other.group(), other.priority(), Math::max));
        groups = new TreeMap<>(GroupOrder.groups(priorities));
        for (KindSpec kind : kinds) {
            groups.computeIfAbsent(kind.kind().group(), g -> new TreeMap<>(GroupOrder.versions()))
                    .computeIfAbsent(
                            kind.kind().version(),
                            v -> kinds.stream()
                                    .filter(k ->
                                            k.kind().group().equals(kind.kind().group())
                                                    && k.kind().version().equals(v))
                                    .sorted(BY_RESOURCE)
                                    .toList());
        }
        others.forEach(this::add);
        aggregatedCore = aggregated(true);
        aggregatedGroups = aggregated(false);
    }

    /// A group whose versions are all behind, or some, has them by priority: those of custom resources are 100.
    private void add(RemoteVersion other) {
        remotes.put(other.group() + "/" + other.version(), other);
        var priorities = new HashMap<String, Integer>();
        remotes.values().stream()
                .filter(each -> each.group().equals(other.group()))
                .forEach(each -> priorities.put(each.version(), each.versionPriority()));
        var versions = new TreeMap<String, List<KindSpec>>(
                GroupOrder.versions(priorities, GroupOrder.versionPriority(other.group(), "", true)));
        versions.putAll(groups.getOrDefault(other.group(), new TreeMap<>()));
        versions.put(other.version(), List.of());
        groups.put(other.group(), versions);
    }

    /// The legacy document at `/api`, `/apis`, `/api/v1`, `/apis/{group}` or `/apis/{group}/{version}`; empty where the
    /// path names nothing that is served. A fresh tree.
    public Optional<ObjectNode> legacy(String path) {
        List<String> parts = List.of(path.substring(1).split("/", -1));
        if (parts.getFirst().equals("api")) {
            return switch (parts.size()) {
                case 1 -> Optional.of(coreVersions());
                case 2 -> resourceList("", parts.get(1));
                default -> Optional.empty();
            };
        }
        return switch (parts.size()) {
            case 1 -> Optional.of(groupList());
            case 2 -> parts.get(1).isEmpty() ? Optional.empty() : group(parts.get(1));
            case 3 -> parts.get(1).isEmpty() ? Optional.empty() : resourceList(parts.get(1), parts.get(2));
            default -> Optional.empty();
        };
    }

    /// The `APIGroupDiscoveryList` (apidiscovery.k8s.io/v2) of `/api` or `/apis`. Not to be changed.
    public ObjectNode aggregated(String path) {
        return path.equals("/api") ? aggregatedCore : aggregatedGroups;
    }

    /// The quoted hash of an aggregated document.
    public static String etag(byte[] document) {
        return '"' + HexFormat.of().withUpperCase().formatHex(Sha256.of(document)) + '"';
    }

    /// Every `/api…` path that answers, for the root document.
    public List<String> paths() {
        var paths = new TreeSet<>(Set.of("/api", "/apis"));
        groups.forEach((group, versions) -> {
            String base = group.isEmpty() ? "/api" : "/apis/" + group;
            paths.add(base);
            versions.keySet().forEach(version -> paths.add(base + "/" + version));
        });
        return List.copyOf(paths);
    }

    private static ObjectNode coreVersions() {
        ObjectNode document = Json.object().put("kind", "APIVersions");
        document.putArray("versions").add("v1");
        document.putArray("serverAddressByClientCIDRs");
        return document;
    }

    private ObjectNode groupList() {
        ObjectNode document = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode list = document.putArray("groups");
        groups.keySet().stream().filter(g -> !g.isEmpty()).forEach(g -> list.add(groupEntry(g)));
        return document;
    }

    private Optional<ObjectNode> group(String group) {
        if (!groups.containsKey(group)) {
            return Optional.empty();
        }
        ObjectNode document = Json.object().put("kind", "APIGroup").put("apiVersion", "v1");
        document.setAll(groupEntry(group));
        return Optional.of(document);
    }

    private ObjectNode groupEntry(String group) {
        ObjectNode entry = Json.object().put("name", group);
        ArrayNode versions = entry.putArray("versions");
        var served = groups.getOrDefault(group, new TreeMap<>());
        served.keySet().forEach(v -> versions.add(version(group, v)));
        entry.set("preferredVersion", version(group, served.firstKey()));
        return entry;
    }

    private static ObjectNode version(String group, String version) {
        return Json.object().put("groupVersion", group + "/" + version).put("version", version);
    }

    private Optional<ObjectNode> resourceList(String group, String version) {
        List<KindSpec> kinds =
                groups.getOrDefault(group, new TreeMap<>(GroupOrder.versions())).getOrDefault(version, List.of());
        if (kinds.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode document = Json.object()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", kinds.getFirst().kind().apiVersion());
        ArrayNode list = document.putArray("resources");
        for (KindSpec kind : kinds) {
            list.add(resource(kind));
            kind.subresources().stream()
                    .sorted(Comparator.comparing(Subresource::name))
                    .forEach(sub -> list.add(subresource(kind, sub)));
        }
        return Optional.of(document);
    }

    private static ObjectNode resource(KindSpec kind) {
        ObjectNode entry = Json.object()
                .put("name", kind.resource())
                .put("singularName", kind.singular())
                .put("namespaced", kind.namespaced())
                .put("kind", kind.kind().kind());
        strings(entry, "verbs", kind.verbs());
        if (!kind.shortNames().isEmpty()) {
            kind.shortNames().forEach(entry.putArray("shortNames")::add);
        }
        if (!kind.categories().isEmpty()) {
            kind.categories().forEach(entry.putArray("categories")::add);
        }
        if (kind.verbs().contains("get")) {
            entry.put("storageVersionHash", storageVersionHash(kind.kind()));
        }
        return entry;
    }

    private static ObjectNode subresource(KindSpec kind, Subresource sub) {
        ObjectNode entry = Json.object()
                .put("name", kind.resource() + "/" + sub.name())
                .put("singularName", "")
                .put("namespaced", kind.namespaced());
        if (!sub.kind().apiVersion().equals(kind.kind().apiVersion())) {
            entry.put("group", sub.kind().group()).put("version", sub.kind().version());
        }
        entry.put("kind", sub.kind().kind());
        strings(entry, "verbs", sub.verbs());
        return entry;
    }

    private ObjectNode aggregated(boolean core) {
        ObjectNode document =
                Json.object().put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/v2");
        document.putObject("metadata");
        ArrayNode items = document.putArray("items");
        groups.forEach((group, versions) -> {
            if (group.isEmpty() == core) {
                ObjectNode item = items.addObject();
                ObjectNode metadata = item.putObject("metadata");
                if (!group.isEmpty()) {
                    metadata.put("name", group);
                }
                metadata.putNull("creationTimestamp");
                ArrayNode list = item.putArray("versions");
                versions.forEach((version, kinds) -> {
                    RemoteVersion remote = remotes.get(group + "/" + version);
                    list.add(remote == null ? aggregatedVersion(version, kinds) : remote.aggregated());
                });
            }
        });
        return document;
    }

    private static ObjectNode aggregatedVersion(String version, List<KindSpec> kinds) {
        ObjectNode entry = Json.object().put("version", version);
        ArrayNode resources = entry.putArray("resources");
        for (KindSpec kind : kinds) {
            ObjectNode resource = resources.addObject().put("resource", kind.resource());
            resource.set("responseKind", responseKind(kind.kind()));
            resource.put("scope", kind.namespaced() ? "Namespaced" : "Cluster")
                    .put("singularResource", kind.singular());
            strings(resource, "verbs", kind.verbs());
            if (!kind.shortNames().isEmpty()) {
                kind.shortNames().forEach(resource.putArray("shortNames")::add);
            }
            if (!kind.categories().isEmpty()) {
                kind.categories().forEach(resource.putArray("categories")::add);
            }
            if (!kind.subresources().isEmpty()) {
                ArrayNode subs = resource.putArray("subresources");
                kind.subresources().stream()
                        .sorted(Comparator.comparing(Subresource::name))
                        .forEach(sub -> {
                            ObjectNode node = subs.addObject().put("subresource", sub.name());
                            node.set("responseKind", responseKind(sub.kind()));
                            strings(node, "verbs", sub.verbs());
                        });
            }
        }
        entry.put("freshness", "Current");
        return entry;
    }

    private static ObjectNode responseKind(GroupVersionKind kind) {
        return Json.object()
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }

    private static void strings(ObjectNode node, String field, Set<String> values) {
        ArrayNode array = node.putArray(field);
        values.stream().sorted().forEach(array::add);
    }

    private static String storageVersionHash(GroupVersionKind kind) {
        byte[] hash = Sha256.of(kind.group() + "/" + kind.version() + "/" + kind.kind());
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(hash, 8));
    }
}
