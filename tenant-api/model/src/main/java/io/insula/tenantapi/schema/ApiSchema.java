package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.SchemaType.Structure;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The upstream API description: every built-in kind of Kubernetes 1.34, as raw OpenAPI v2 definitions and as
/// types. Immutable, thread-safe, shared by all tenants of a JVM: [#load] always answers the same instance, of
/// about 3 MB.
///
/// Source: the definitions in `io.fabric8:kubernetes-model-validator`, whose names are upstream's; CRDs and
/// APIServices are missing there and come from a resource of ours.
public final class ApiSchema {

    private static final String REF_META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final Map<String, String> PACKAGES = Map.of(
            "", "io.k8s.api.core.",
            "apiextensions.k8s.io", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.",
            "apiregistration.k8s.io", "io.k8s.kube-aggregator.pkg.apis.apiregistration.",
            "internal.apiserver.k8s.io", "io.k8s.api.apiserverinternal.",
            "meta.k8s.io", "io.k8s.apimachinery.pkg.apis.meta.");

    private final NavigableMap<String, byte[]> definitions;
    private final Map<String, Structure> structures = new ConcurrentHashMap<>();
    private final TypeReader reader = TypeReader.builtIn(this::structure);

    private ApiSchema(NavigableMap<String, byte[]> definitions) {
        this.definitions = definitions;
    }

    private static final class Loaded {
        private static final ApiSchema INSTANCE = new ApiSchema(Definitions.load());
    }

    /// Takes about half a second the first time, then nothing.
    public static ApiSchema load() {
        return Loaded.INSTANCE;
    }

    /// All definition names, sorted.
    public Set<String> definitionNames() {
        return Collections.unmodifiableSet(definitions.keySet());
    }

    /// The raw OpenAPI v2 schema, a fresh tree that the caller owns. It has upstream's `default`s and `enum`s,
    /// which upstream publishes in v3 only, and no `x-kubernetes-group-version-kind`.
    public Optional<ObjectNode> definition(String name) {
        return Optional.ofNullable(definitions.get(name)).map(Json::parse);
    }

    /// The name of the definition of a built-in kind, also of those that belong to every group (`DeleteOptions`,
    /// `Status` …); empty when there is none.
    public Optional<String> definitionName(GroupVersionKind kind) {
        String own = packageOf(kind.group()) + kind.version() + "." + kind.kind();
        if (definitions.containsKey(own)) {
            return Optional.of(own);
        }
        String shared = REF_META + kind.kind();
        boolean known = definitions.containsKey(shared) && definesPackage(kind);
        return known ? Optional.of(shared) : Optional.empty();
    }

    /// The type of objects of a built-in kind; empty when there is no such kind.
    public Optional<SchemaType> type(GroupVersionKind kind) {
        return definitionName(kind).flatMap(this::type);
    }

    /// The type of a definition by its full name.
    public Optional<SchemaType> type(String definitionName) {
        return definitions.containsKey(definitionName)
                ? Optional.of(new SchemaType(structure(definitionName), SchemaType.Use.PLAIN))
                : Optional.empty();
    }

    /// The type of `metadata`.
    public SchemaType objectMeta() {
        return new SchemaType(structure(REF_META + "ObjectMeta"), SchemaType.Use.PLAIN);
    }

    private Structure structure(String name) {
        Structure known = structures.get(name);
        return known != null ? known : structures.computeIfAbsent(name, this::read);
    }

    private Structure read(String name) {
        JsonNode schema = definition(name).orElseThrow(() -> new IllegalStateException("no definition named " + name));
        return reader.structure(name, schema);
    }

    private boolean definesPackage(GroupVersionKind kind) {
        String prefix = packageOf(kind.group()) + kind.version() + ".";
        String next = definitions.ceilingKey(prefix);
        return next != null && next.startsWith(prefix);
    }

    /// Upstream's Go package of a group is named after its first label.
    private static String packageOf(String group) {
        String known = PACKAGES.get(group);
        if (known != null) {
            return known;
        }
        int dot = group.indexOf('.');
        return "io.k8s.api." + (dot < 0 ? group : group.substring(0, dot)) + ".";
    }
}
