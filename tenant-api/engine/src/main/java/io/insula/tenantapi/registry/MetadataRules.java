package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What every object's metadata must obey, with upstream's wording. Source: kubernetes/apimachinery,
/// `api/validation/objectmeta.go`.
final class MetadataRules {

    private static final int MAX_ANNOTATIONS_BYTES = 256 * 1024;
    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final String QUALIFIED_TEXT =
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
                    + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation"
                    + " is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private static final String LABEL_VALUE_TEXT =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must"
                    + " start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex"
                    + " used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private static final Set<String> STANDARD_FINALIZERS =
            Set.of("orphan", "foregroundDeletion", "kubernetes", "customresourcecleanup.apiextensions.k8s.io");

    private MetadataRules() {}

    static List<FieldError> onCreate(KindRegistry kinds, StoredKind kind, JsonNode object) {
        var errors = new ArrayList<FieldError>();
        checkNames(kind, object, errors);
        checkContent(kinds, object, errors);
        return errors;
    }

    static List<FieldError> onUpdate(KindRegistry kinds, JsonNode wanted, JsonNode current) {
        var errors = new ArrayList<FieldError>();
        checkContent(kinds, wanted, errors);
        for (String field : List.of("name", "namespace", "uid")) {
            JsonNode now = wanted.path("metadata").path(field);
            if (!now.asText("").equals(current.path("metadata").path(field).asText(""))) {
                errors.add(FieldError.invalid("metadata." + field, now.asText(""), "field is immutable"));
            }
        }
        if (Meta.isBeingDeleted(current)) {
            checkNoNewFinalizers(wanted, current, errors);
        }
        return errors;
    }

    private static void checkNames(StoredKind kind, JsonNode object, List<FieldError> errors) {
        String name = Meta.name(object);
        String base = object.path("metadata").path("generateName").asText("");
        if (!base.isEmpty()) {
            // a base may end with what a name may not end with
            String problem = kind.checkName(base.endsWith("-") ? base.substring(0, base.length() - 1) + "a" : base);
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid("metadata.generateName", base, problem));
            }
        }
        if (name.isEmpty()) {
            errors.add(FieldError.required("metadata.name", "name or generateName is required"));
        } else {
            String problem = kind.checkName(name);
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid("metadata.name", name, problem));
            }
        }
        String namespace = Meta.namespace(object);
        if (kind.spec().namespaced()) {
            String problem = Names.dns1123Label(namespace);
            if (namespace.isEmpty()) {
                errors.add(FieldError.required("metadata.namespace", ""));
            } else if (!problem.isEmpty()) {
                errors.add(FieldError.invalid("metadata.namespace", namespace, problem));
            }
        } else if (!namespace.isEmpty()) {
            errors.add(FieldError.forbidden("metadata.namespace", "not allowed on this type"));
        }
    }

    private static void checkContent(KindRegistry kinds, JsonNode object, List<FieldError> errors) {
        JsonNode metadata = object.path("metadata");
        long generation = metadata.path("generation").asLong();
        if (generation < 0) {
            errors.add(FieldError.invalid("metadata.generation", generation, "must be greater than or equal to 0"));
        }
        checkLabels("metadata.labels", metadata.path("labels"), errors);
        checkAnnotations("metadata.annotations", metadata.path("annotations"), errors);
        checkOwners(kinds, metadata.path("ownerReferences"), errors);
        checkFinalizers(metadata.path("finalizers"), errors);
    }

    /// Keys and values of a label map.
    static void checkLabels(String path, JsonNode labels, List<FieldError> errors) {
        labels.properties().forEach(label -> {
            String problem = qualifiedName(label.getKey());
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid(path, label.getKey(), problem));
            }
            String value = label.getValue().asText("");
            if (value.length() > 63) {
                errors.add(FieldError.invalid(path, value, "must be no more than 63 characters"));
            } else if (!LABEL_VALUE.matcher(value).matches()) {
                errors.add(FieldError.invalid(path, value, LABEL_VALUE_TEXT));
            }
        });
    }

    private static void checkAnnotations(String path, JsonNode annotations, List<FieldError> errors) {
        long total = 0;
        for (var annotation : annotations.properties()) {
            String problem = qualifiedName(annotation.getKey().toLowerCase(Locale.ROOT));
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid(path, annotation.getKey(), problem));
            }
            total += annotation.getKey().getBytes(StandardCharsets.UTF_8).length;
            total += annotation.getValue().asText("").getBytes(StandardCharsets.UTF_8).length;
        }
        if (total > MAX_ANNOTATIONS_BYTES) {
            errors.add(FieldError.tooLong(path, MAX_ANNOTATIONS_BYTES));
        }
    }

    private static void checkOwners(KindRegistry kinds, JsonNode owners, List<FieldError> errors) {
        String controller = "";
        for (int i = 0; i < owners.size(); i++) {
            JsonNode owner = owners.get(i);
            String path = "metadata.ownerReferences";
            String version = owner.path("apiVersion").asText("");
            if (version.isEmpty()) {
                errors.add(FieldError.invalid(path + ".apiVersion", version, "version must not be empty"));
            }
            for (String field : List.of("kind", "name", "uid")) {
                if (owner.path(field).asText("").isEmpty()) {
                    errors.add(FieldError.invalid(path + "." + field, "", field + " must not be empty"));
                }
            }
            String kind = owner.path("kind").asText();
            if (kinds.find(GroupVersionKind.of(version, kind)).orElse(null) instanceof StoredKind known
                    && !known.mayOwn()) {
                errors.add(FieldError.invalid(path, version + ", Kind=" + kind, "is disallowed from being an owner"));
            }
            if (owner.path("controller").asBoolean()) {
                String name = kind + "/" + owner.path("name").asText();
                if (!controller.isEmpty()) {
                    errors.add(FieldError.invalid(
                            path,
                            owner.toString(),
                            "Only one reference can have Controller set to true. Found \"true\" in references for "
                                    + controller + " and " + name));
                }
                controller = name;
            }
        }
    }

    private static void checkFinalizers(JsonNode finalizers, List<FieldError> errors) {
        var seen = new HashSet<String>();
        for (JsonNode finalizer : finalizers) {
            String name = finalizer.asText("");
            seen.add(name);
            String problem = qualifiedName(name);
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid("metadata.finalizers", name, problem));
            }
        }
        if (seen.contains("orphan") && seen.contains("foregroundDeletion")) {
            errors.add(FieldError.invalid(
                    "metadata.finalizers",
                    finalizers.toString(),
                    "finalizer orphan and foregroundDeletion cannot be both set"));
        }
    }

    /// Warnings about finalizers that no domain owns.
    static List<String> warnings(JsonNode object) {
        return Meta.finalizers(object).stream()
                .filter(f -> !f.contains("/") && !STANDARD_FINALIZERS.contains(f))
                .map(f -> "metadata.finalizers: \"" + f
                        + "\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental"
                        + " conflicts with other finalizer writers")
                .toList();
    }

    private static void checkNoNewFinalizers(JsonNode wanted, JsonNode current, List<FieldError> errors) {
        var added = new ArrayList<>(Meta.finalizers(wanted));
        added.removeAll(Meta.finalizers(current));
        if (!added.isEmpty()) {
            errors.add(FieldError.forbidden(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, found new finalizers []string{"
                            + String.join(
                                    ", ", added.stream().map(f -> '"' + f + '"').toList()) + "}"));
        }
    }

    /// `[prefix/]name`. Answers the finding, empty when valid.
    static String qualifiedName(String text) {
        int slash = text.indexOf('/');
        String name = slash < 0 ? text : text.substring(slash + 1);
        if (slash >= 0) {
            String prefix = text.substring(0, slash);
            if (name.contains("/")) {
                return "a qualified name " + QUALIFIED_TEXT.replace("name part ", "")
                        + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            }
            if (prefix.isEmpty()) {
                return "prefix part must be non-empty";
            }
            String problem = Names.dns1123Subdomain(prefix);
            if (!problem.isEmpty()) {
                return "prefix part " + problem;
            }
        }
        if (name.isEmpty()) {
            return "name part must be non-empty";
        }
        if (name.length() > 63) {
            return "name part must be no more than 63 characters";
        }
        return QUALIFIED.matcher(name).matches() ? "" : QUALIFIED_TEXT;
    }
}
