package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The OpenAPI documents of one server at one moment: a server makes a new one when its custom resources change.
/// Thread-safe; keeps only the documents of custom groups.
public final class OpenApi {

    private final BuiltInDocuments builtIn;
    private final Map<String, List<CustomSchema>> custom;
    private final List<RemoteApi> behind;
    private final Map<String, Document> customDocuments = new ConcurrentHashMap<>();
    private volatile @Nullable V2Document v2;

    public OpenApi(BuiltInDocuments builtIn, List<CustomSchema> custom) {
        this(builtIn, custom, List.of());
    }

    /// @param behind what servers behind this one serve; of no group and version that it serves itself
    public OpenApi(BuiltInDocuments builtIn, List<CustomSchema> custom, List<RemoteApi> behind) {
        this.builtIn = builtIn;
        this.behind =
                behind.stream().sorted(Comparator.comparing(RemoteApi::root)).toList();
        this.custom = custom.stream()
                .collect(Collectors.groupingBy(
                        c -> Paths.root(c.spec().kind()), TreeMap::new, Collectors.toUnmodifiableList()));
    }

    /// The document at `/openapi/v3`: where each group version's document is.
    public Document v3Index() {
        var urls = new TreeMap<String, String>();
        behind.stream().filter(api -> !api.v3Url().isEmpty()).forEach(api -> urls.put(api.root(), api.v3Url()));
        var roots = new ArrayList<>(builtIn.roots());
        roots.addAll(custom.keySet());
        roots.forEach(root -> urls.put(
                root, "/openapi/v3/" + root + "?hash=" + v3(root).orElseThrow().hash()));
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        urls.forEach((root, url) -> paths.putObject(root).put("serverRelativeURL", url));
        return Document.of(index);
    }

    /// The document below `/openapi/v3/`.
    ///
    /// @param root `api/v1`, `apis/apps/v1` …
    public Optional<Document> v3(String root) {
        List<CustomSchema> own = custom.getOrDefault(root, List.of());
        if (own.isEmpty()) {
            return builtIn.has(root) ? Optional.of(builtIn.v3(root)) : Optional.empty();
        }
        return Optional.of(customDocuments.computeIfAbsent(
                root, r -> Document.of(new V3Document(builtIn.schema(), builtIn.kinds(r), own).build())));
    }

    /// The document at `/openapi/v2`.
    public V2Document v2() {
        V2Document known = v2;
        if (known != null) {
            return known;
        }
        var schemas = new SchemaSet(builtIn.schema());
        var customs = custom.values().stream().flatMap(List::stream).toList();
        customs.forEach(c -> CustomDefinitions.add(schemas, c, false));
        ObjectNode paths = new Paths(false, true, this::definition)
                .of(customs.stream().map(CustomSchema::spec).toList());
        ObjectNode definitions = schemas.tree();
        var remote = new RemoteParts(builtIn::v2Definition, paths, definitions);
        behind.forEach(remote::add);
        var made = new V2Document(builtIn.v2(), V2Part.of(paths, definitions));
        v2 = made;
        return made;
    }

    private String definition(GroupVersionKind kind) {
        return custom.getOrDefault(Paths.root(kind), List.of()).stream()
                .map(CustomSchema::spec)
                .map(KindSpec::kind)
                .filter(k -> k.equals(kind) || k.withKind(k.kind() + "List").equals(kind))
                .findFirst()
                .map(k -> SchemaSet.customName(kind))
                .orElseGet(() -> builtIn.definition(kind));
    }
}
