package io.insula.tenantapi.cel;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.insula.tenantapi.cel.library.CelObjects;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What expressions of policies and match conditions may name: the request, its objects, parameters, the namespace,
/// the authorizer and variables. Immutable, thread-safe. Source: kubernetes/apiserver, `admission/plugin/cel`.
public final class AdmissionEnvironment {

    public static final String OBJECT = "object";
    public static final String OLD_OBJECT = "oldObject";
    public static final String REQUEST = "request";
    public static final String PARAMS = "params";
    public static final String NAMESPACE = "namespaceObject";
    public static final String AUTHORIZER = "authorizer";
    public static final String REQUEST_RESOURCE = "authorizer.requestResource";
    public static final String VARIABLES = "variables";

    private static final MapType TEXTS = MapType.create(SimpleType.STRING, SimpleType.STRING);
    private static final ListType NAMES = ListType.create(SimpleType.STRING);
    private static final StructType KIND_TYPE = texts("kubernetes.GroupVersionKind", "group", "version", "kind");
    private static final StructType RESOURCE_TYPE =
            texts("kubernetes.GroupVersionResource", "group", "version", "resource");
    private static final StructType USER_TYPE = struct(
            "kubernetes.UserInfo",
            Map.of(
                    "username",
                    SimpleType.STRING,
                    "uid",
                    SimpleType.STRING,
                    "groups",
                    NAMES,
                    "extra",
                    MapType.create(SimpleType.STRING, NAMES)));
    private static final StructType REQUEST_TYPE = struct(
            "kubernetes.AdmissionRequest",
            Map.ofEntries(
                    Map.entry("kind", KIND_TYPE),
                    Map.entry("resource", RESOURCE_TYPE),
                    Map.entry("subResource", SimpleType.STRING),
                    Map.entry("requestKind", KIND_TYPE),
                    Map.entry("requestResource", RESOURCE_TYPE),
                    Map.entry("requestSubResource", SimpleType.STRING),
                    Map.entry("name", SimpleType.STRING),
                    Map.entry("namespace", SimpleType.STRING),
                    Map.entry("operation", SimpleType.STRING),
                    Map.entry("userInfo", USER_TYPE),
                    Map.entry("dryRun", SimpleType.BOOL),
                    Map.entry("options", SimpleType.DYN)));
    private static final StructType NAMESPACE_METADATA = struct(
            "kubernetes.NamespaceMetadata",
            Map.ofEntries(
                    Map.entry("name", SimpleType.STRING),
                    Map.entry("generateName", SimpleType.STRING),
                    Map.entry("namespace", SimpleType.STRING),
                    Map.entry("labels", TEXTS),
                    Map.entry("annotations", TEXTS),
                    Map.entry("UID", SimpleType.STRING),
                    Map.entry("creationTimestamp", SimpleType.TIMESTAMP),
                    Map.entry("deletionGracePeriodSeconds", SimpleType.INT),
                    Map.entry("deletionTimestamp", SimpleType.TIMESTAMP),
                    Map.entry("generation", SimpleType.INT),
                    Map.entry("resourceVersion", SimpleType.STRING),
                    Map.entry("finalizers", NAMES)));
    private static final StructType NAMESPACE_SPEC = struct("kubernetes.NamespaceSpec", Map.of("finalizers", NAMES));
    private static final StructType NAMESPACE_STATUS =
            struct("kubernetes.NamespaceStatus", Map.of("phase", SimpleType.STRING));
    private static final StructType NAMESPACE_TYPE = struct(
            "kubernetes.Namespace",
            Map.of("metadata", NAMESPACE_METADATA, "spec", NAMESPACE_SPEC, "status", NAMESPACE_STATUS));
    private static final List<StructType> STRUCTS = List.of(
            KIND_TYPE,
            RESOURCE_TYPE,
            USER_TYPE,
            REQUEST_TYPE,
            NAMESPACE_METADATA,
            NAMESPACE_SPEC,
            NAMESPACE_STATUS,
            NAMESPACE_TYPE);

    /// Before names of types whose schema has none. No expression may mean a type where it selects a field.
    private static final String UNNAMED = "kubernetes.unnamed.";

    private final Types types;
    private final boolean authorizer;
    private final Map<String, CelType> variables;
    private final CelEnvironment environment;

    /// @param schemas what the others refer to
    /// @param object of `object` and `oldObject`
    /// @param params of `params`; empty where there is no such variable
    private record Types(SchemaTypes schemas, CelType object, Optional<CelType> params) {
        static Types unknown(boolean params) {
            return new Types(
                    new SchemaTypes(), SimpleType.DYN, params ? Optional.of(SimpleType.DYN) : Optional.empty());
        }
    }

    private AdmissionEnvironment(Types types, boolean authorizer, Map<String, CelType> variables) {
        this.types = types;
        this.authorizer = authorizer;
        this.variables = Map.copyOf(variables);
        StructType composed = struct("kubernetes.variables", variables);
        var names = new LinkedHashMap<String, CelType>();
        names.put(OBJECT, types.object());
        names.put(OLD_OBJECT, types.object());
        names.put(REQUEST, REQUEST_TYPE);
        names.put(NAMESPACE, NAMESPACE_TYPE);
        names.put(VARIABLES, composed);
        types.params().ifPresent(type -> names.put(PARAMS, type));
        if (authorizer) {
            names.put(AUTHORIZER, CelObjects.AUTHORIZER);
            names.put(REQUEST_RESOURCE, CelObjects.RESOURCE_CHECK);
        }
        var structs = new ArrayList<>(STRUCTS);
        structs.add(composed);
        environment = CelEnvironment.of(names, structs, types.schemas());
    }

    /// @param params whether there is a variable `params`
    /// @param authorizer whether there is a variable `authorizer`
    public static AdmissionEnvironment of(boolean params, boolean authorizer) {
        return new AdmissionEnvironment(Types.unknown(params), authorizer, Map.of());
    }

    /// For type checking alone: the objects have the types of their schemas.
    ///
    /// @param params of the variable `params`; empty for none
    public static AdmissionEnvironment typed(SchemaType object, Optional<SchemaType> params) {
        var schemas = new SchemaTypes();
        var types = new Types(
                schemas, schemas.of(object, UNNAMED + OBJECT), params.map(type -> schemas.of(type, UNNAMED + PARAMS)));
        return new AdmissionEnvironment(types, true, Map.of());
    }

    /// With one more of the policy's own variables.
    public AdmissionEnvironment with(String variable, CelType type) {
        var more = new LinkedHashMap<>(variables);
        more.put(variable, type);
        return new AdmissionEnvironment(types, authorizer, more);
    }

    /// The same variables without the authorizer.
    public AdmissionEnvironment withoutAuthorizer() {
        return new AdmissionEnvironment(types, false, variables);
    }

    /// @throws CelException for what does not compile
    public CelExpression compile(String source) {
        try {
            return environment.compile(source);
        } catch (CelException e) {
            throw new CelException("compilation failed: " + e.text());
        }
    }

    /// An expression that answers yes or no.
    public CelExpression condition(String source) {
        return typed(source, "bool", SimpleType.BOOL);
    }

    /// An expression that answers a text.
    public CelExpression text(String source) {
        return typed(source, "string", SimpleType.STRING);
    }

    /// An expression that answers a text or null.
    public CelExpression textOrNull(String source) {
        CelExpression compiled = compile(source);
        CelType type = compiled.resultType();
        boolean fits =
                type.equals(SimpleType.STRING) || type.equals(SimpleType.NULL_TYPE) || type.equals(SimpleType.DYN);
        if (!fits) {
            throw new CelException("must evaluate to string or null_type");
        }
        return compiled;
    }

    private CelExpression typed(String source, String name, CelType type) {
        CelExpression compiled = compile(source);
        if (!compiled.resultType().equals(type) && !compiled.resultType().equals(SimpleType.DYN)) {
            throw new CelException("must evaluate to " + name);
        }
        return compiled;
    }

    private static StructType texts(String name, String... fields) {
        var types = new LinkedHashMap<String, CelType>();
        for (String field : fields) {
            types.put(field, SimpleType.STRING);
        }
        return struct(name, types);
    }

    private static StructType struct(String name, Map<String, ? extends CelType> fields) {
        ImmutableMap<String, CelType> types = ImmutableMap.copyOf(fields);
        return StructType.create(name, types.keySet(), field -> Optional.ofNullable(types.get(field)));
    }
}
