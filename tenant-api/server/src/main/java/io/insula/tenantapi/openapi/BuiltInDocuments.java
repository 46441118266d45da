package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.schema.ApiSchema;
import jakarta.inject.Singleton;
import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The documents of the built-in groups, shared by all servers of a JVM. Thread-safe.
/// The part of the v2 document, some megabytes, is kept only as long as memory allows: few clients ask for it.
@Singleton
public final class BuiltInDocuments {

    private final Map<String, List<KindSpec>> groups = new TreeMap<>();
    private final Map<String, Document> documents = new ConcurrentHashMap<>();
    private final ApiSchema schema = ApiSchema.load();
    private volatile SoftReference<@Nullable V2Part> v2 = new SoftReference<>(null);

    public BuiltInDocuments(List<ResourceKind> kinds) {
        kinds.stream()
                .map(ResourceKind::spec)
                .forEach(spec -> groups.merge(
                        Paths.root(spec.kind()),
                        List.of(spec),
                        (a, b) -> java.util.stream.Stream.concat(a.stream(), b.stream())
                                .toList()));
    }

    /// `api/v1`, `apis/apps/v1` …, sorted.
    List<String> roots() {
        return List.copyOf(groups.keySet());
    }

    boolean has(String root) {
        return groups.containsKey(root);
    }

    List<KindSpec> kinds(String root) {
        return groups.getOrDefault(root, List.of());
    }

    ApiSchema schema() {
        return schema;
    }

    V2Part v2() {
        V2Part known = v2.get();
        if (known != null) {
            return known;
        }
        var schemas = new SchemaSet(schema);
        var kinds = groups.values().stream().flatMap(List::stream).toList();
        kinds.forEach(schemas::add);
        CustomDefinitions.REFERRED.forEach(schemas::require);
        V2Part made = V2Part.of(new Paths(false, false, this::definition).of(kinds), schemas.tree());
        v2 = new SoftReference<>(made);
        return made;
    }

    /// A definition that [#v2] has.
    Optional<ObjectNode> v2Definition(String name) {
        return v2().names().contains(name) ? schema.definition(name) : Optional.empty();
    }

    /// The name of a kind's definition; empty where there is none.
    String definition(GroupVersionKind kind) {
        return schema.definitionName(kind)
                .or(() -> schema.definitionName(new GroupVersionKind("", "v1", kind.kind())))
                .orElse("");
    }

    Document v3(String root) {
        return documents.computeIfAbsent(root, r -> Document.of(new V3Document(schema, kinds(r), List.of()).build()));
    }
}
