package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Subresource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The `paths` of an OpenAPI document, v2 or v3, from the kinds' declarations. Confined to one build.
final class Paths {

    static final List<String> PATCH_TYPES = List.of(
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml");
    private static final List<String> MEDIA_TYPES =
            List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
    private static final Map<String, String> METHODS = Map.of(
            "get",
            "get",
            "list",
            "get",
            "create",
            "post",
            "update",
            "put",
            "patch",
            "patch",
            "delete",
            "delete",
            "deletecollection",
            "delete");
    private static final Map<String, String> ACTIONS = Map.of("create", "post", "update", "put");

    private static final List<String> LIST_PARAMETERS = List.of(
            "allowWatchBookmarks",
            "continue",
            "fieldSelector",
            "labelSelector",
            "limit",
            "resourceVersion",
            "resourceVersionMatch",
            "sendInitialEvents",
            "timeoutSeconds",
            "watch");
    private static final List<String> WRITE_PARAMETERS = List.of("dryRun", "fieldManager", "fieldValidation");
    private static final List<String> DELETE_PARAMETERS =
            List.of("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy");
    private static final Set<String> BOOLEANS =
            Set.of("allowWatchBookmarks", "sendInitialEvents", "watch", "orphanDependents", "force");
    private static final Set<String> INTEGERS = Set.of("limit", "timeoutSeconds", "gracePeriodSeconds");

    private final boolean v3;
    private final boolean custom;
    private final java.util.function.Function<GroupVersionKind, String> definition;
    private final ObjectNode paths = Json.object();

    /// @param definition the name of the definition of a kind; empty where there is none
    Paths(boolean v3, boolean custom, java.util.function.Function<GroupVersionKind, String> definition) {
        this.v3 = v3;
        this.custom = custom;
        this.definition = definition;
    }

    /// `api/v1` or `apis/group/version`.
    static String root(GroupVersionKind kind) {
        return kind.group().isEmpty() ? "api/" + kind.version() : "apis/" + kind.group() + "/" + kind.version();
    }

    ObjectNode of(List<KindSpec> kinds) {
        kinds.forEach(this::add);
        return paths;
    }

    private void add(KindSpec kind) {
        String base = "/" + root(kind.kind());
        String collection = base + (kind.namespaced() ? "/namespaces/{namespace}" : "") + "/" + kind.resource();
        String item = collection + "/{name}";
        for (String verb : kind.verbs().stream().sorted().toList()) {
            switch (verb) {
                case "create", "deletecollection" -> operation(collection, verb, kind, kind.kind(), "");
                case "list" -> {
                    operation(collection, verb, kind, listKind(kind), "");
                    if (kind.namespaced()) {
                        operation(base + "/" + kind.resource(), verb, kind, listKind(kind), "ForAllNamespaces");
                    }
                }
                case "get", "update", "patch", "delete" -> operation(item, verb, kind, kind.kind(), "");
                default -> {}
            }
        }
        for (Subresource sub : kind.subresources()) {
            for (String verb : sub.verbs().stream().sorted().toList()) {
                operation(item + "/" + sub.name(), verb, kind, sub.kind(), capital(sub.name()));
            }
        }
    }

    private static GroupVersionKind listKind(KindSpec kind) {
        return kind.kind().withKind(kind.kind().kind() + "List");
    }

    private void operation(String path, String verb, KindSpec kind, GroupVersionKind answer, String suffix) {
        ObjectNode item = pathItem(path);
        ObjectNode operation = item.putObject(METHODS.getOrDefault(verb, "get"));
        operation.put("description", verb + " " + kind.kind().kind());
        operation.put("operationId", operationId(verb, kind, suffix));
        operation.putArray("tags").add(tag(kind.kind()));
        operation.put("x-kubernetes-action", ACTIONS.getOrDefault(verb, verb));
        GroupVersionKind named = suffix.isEmpty() || suffix.equals("ForAllNamespaces") ? kind.kind() : answer;
        operation
                .putObject("x-kubernetes-group-version-kind")
                .put("group", named.group())
                .put("kind", named.kind())
                .put("version", named.version());
        parameters(operation, verb);
        body(operation, verb, answer);
        responses(operation, verb, answer);
    }

    private ObjectNode pathItem(String path) {
        ObjectNode item = paths.withObjectProperty(path);
        if (item.isEmpty()) {
            ArrayNode parameters = item.putArray("parameters");
            for (String name : List.of("name", "namespace")) {
                if (path.contains("{" + name + "}")) {
                    parameter(parameters, name, "path").put("required", true);
                }
            }
            parameter(parameters, "pretty", "query");
        }
        return item;
    }

    private void parameters(ObjectNode operation, String verb) {
        List<String> names = switch (verb) {
            case "list" -> LIST_PARAMETERS;
            case "create", "update", "patch" -> WRITE_PARAMETERS;
            case "delete" -> DELETE_PARAMETERS;
            case "deletecollection" ->
                java.util.stream.Stream.concat(DELETE_PARAMETERS.stream(), LIST_PARAMETERS.stream())
                        .toList();
            default -> List.of();
        };
        if (names.isEmpty()) {
            // an empty list does not survive Go's encoding
            return;
        }
        ArrayNode parameters = operation.putArray("parameters");
        names.forEach(name -> parameter(parameters, name, "query"));
        if (verb.equals("patch")) {
            parameter(parameters, "force", "query");
        }
    }

    private ObjectNode parameter(ArrayNode parameters, String name, String in) {
        String type = BOOLEANS.contains(name) ? "boolean" : INTEGERS.contains(name) ? "integer" : "string";
        ObjectNode parameter = parameters.addObject().put("name", name).put("in", in);
        if (v3) {
            parameter.putObject("schema").put("type", type).put("uniqueItems", true);
        } else {
            parameter.put("type", type).put("uniqueItems", true);
        }
        return parameter;
    }

    private void body(ObjectNode operation, String verb, GroupVersionKind kind) {
        GroupVersionKind type = switch (verb) {
            case "create", "update" -> kind;
            case "patch" -> kind.withKind("Patch");
            case "delete", "deletecollection" -> kind.withKind("DeleteOptions");
            default -> null;
        };
        if (type == null) {
            return;
        }
        List<String> types = verb.equals("patch") ? patchTypes() : MEDIA_TYPES;
        if (v3) {
            ObjectNode content = operation.putObject("requestBody").putObject("content");
            List<String> said = verb.equals("patch") ? types : List.of("*/*");
            said.forEach(t -> content.putObject(t).set("schema", reference(type)));
        } else {
            types.forEach(operation.putArray("consumes")::add);
            operation
                    .withArrayProperty("parameters")
                    .addObject()
                    .put("name", "body")
                    .put("in", "body")
                    .set("schema", reference(type));
        }
    }

    private List<String> patchTypes() {
        return custom
                ? PATCH_TYPES.stream().filter(t -> !t.contains("strategic")).toList()
                : PATCH_TYPES;
    }

    private void responses(ObjectNode operation, String verb, GroupVersionKind answer) {
        GroupVersionKind type = verb.startsWith("delete") ? answer.withKind("Status") : answer;
        ObjectNode responses = operation.putObject("responses");
        if (!v3) {
            MEDIA_TYPES.forEach(operation.putArray("produces")::add);
        }
        response(responses.putObject("200"), "OK", type);
        if (verb.equals("create")) {
            response(responses.putObject("201"), "Created", type);
            response(responses.putObject("202"), "Accepted", type);
        }
        responses.putObject("401").put("description", "Unauthorized");
    }

    private void response(ObjectNode response, String description, GroupVersionKind type) {
        response.put("description", description);
        if (v3) {
            ObjectNode content = response.putObject("content");
            MEDIA_TYPES.forEach(t -> content.putObject(t).set("schema", reference(type)));
        } else {
            response.set("schema", reference(type));
        }
    }

    private ObjectNode reference(GroupVersionKind kind) {
        String name = definition.apply(kind);
        ObjectNode schema = Json.object();
        return name.isEmpty()
                ? schema.put("type", "object")
                : schema.put("$ref", (v3 ? "#/components/schemas/" : "#/definitions/") + name);
    }

    private static String operationId(String verb, KindSpec kind, String suffix) {
        String action = switch (verb) {
            case "get" -> "read";
            case "update" -> "replace";
            case "deletecollection" -> "deleteCollection";
            default -> verb;
        };
        return action
                + capital(groupName(kind.kind()))
                + capital(kind.kind().version())
                + (kind.namespaced() && !suffix.equals("ForAllNamespaces") ? "Namespaced" : "")
                + kind.kind().kind()
                + suffix;
    }

    private static String tag(GroupVersionKind kind) {
        return groupName(kind) + "_" + kind.version();
    }

    /// `rbac.authorization.k8s.io` as `rbacAuthorization`. Source: kubernetes/apiserver, `endpoints/openapi`.
    private static String groupName(GroupVersionKind kind) {
        String group = kind.group().isEmpty() ? "core" : kind.group();
        String[] words = group.replaceFirst("\\.k8s\\.io$", "").split("[.-]", -1);
        return words[0] + Arrays.stream(words).skip(1).map(Paths::capital).collect(Collectors.joining());
    }

    private static String capital(String word) {
        return word.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }
}
