package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import java.util.ArrayList;
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
    private final Map<String, Document> customDocuments = new ConcurrentHashMap<>();
    private volatile @Nullable V2Document v2;

    public OpenApi(BuiltInDocuments builtIn, List<CustomSchema> custom) {
        this.builtIn = builtIn;
        this.custom = custom.stream()
                .collect(Collectors.groupingBy(
                        c -> Paths.root(c.spec().kind()), TreeMap::new, Collectors.toUnmodifiableList()));
    }

    /// The document at `/openapi/v3`: where each group version's document is.
    public Document v3Index() {
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        var roots = new ArrayList<>(builtIn.roots());
        roots.addAll(custom.keySet());
        roots.stream()
                .distinct()
                .sorted()
                .forEach(root -> paths.putObject(root)
                        .put(
                                "serverRelativeURL",
                                "/openapi/v3/" + root + "?hash="
                                        + v3(root).orElseThrow().hash()));
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
        var made = new V2Document(builtIn.v2(), V2Part.of(paths, schemas.tree()));
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
