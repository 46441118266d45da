package io.insula.tenantapi.openapi;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.schema.ApiSchema;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The v3 documents of the built-in groups, shared by all servers of a JVM. Thread-safe.
@Singleton
public final class BuiltInDocuments {

    private final Map<String, List<KindSpec>> groups = new TreeMap<>();
    private final Map<String, Document> documents = new ConcurrentHashMap<>();
    private final ApiSchema schema = ApiSchema.load();

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

    Document v3(String root) {
        return documents.computeIfAbsent(root, r -> Document.of(new V3Document(schema, kinds(r), List.of()).build()));
    }
}
