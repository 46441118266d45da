package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a definition must obey. Source: apiextensions-apiserver, `apis/apiextensions/validation`.
final class DefinitionRules {

    private static final String APPROVAL = "api-approved.kubernetes.io";
    private static final List<String> SCOPES = List.of("Cluster", "Namespaced");
    private static final List<String> STRATEGIES = List.of("None", "Webhook");

    private DefinitionRules() {}

    static List<FieldError> onCreate(JsonNode object) {
        var errors = new ArrayList<FieldError>();
        JsonNode spec = object.path("spec");
        String expected = spec.path("names").path("plural").asText() + "."
                + spec.path("group").asText();
        if (!Meta.name(object).equals(expected)) {
            errors.add(FieldError.invalid(
                    "metadata.name", Meta.name(object), "must be spec.names.plural+\".\"+spec.group"));
        }
        checkSpec(object, Json.object().arrayNode(), errors);
        return errors;
    }

    static List<FieldError> onUpdate(JsonNode wanted, JsonNode current) {
        var errors = new ArrayList<FieldError>();
        checkSpec(wanted, current.path("spec").path("versions"), errors);
        checkStored(wanted, errors);
        for (String field : List.of("group", "scope")) {
            same(
                    "spec." + field,
                    wanted.path("spec").path(field),
                    current.path("spec").path(field),
                    errors);
        }
        JsonNode names = wanted.path("spec").path("names");
        JsonNode old = current.path("spec").path("names");
        same("spec.names.plural", names.path("plural"), old.path("plural"), errors);
        same("spec.names.kind", names.path("kind"), old.path("kind"), errors);
        return errors;
    }

    private static void same(String field, JsonNode wanted, JsonNode current, List<FieldError> errors) {
        if (!wanted.equals(current)) {
            errors.add(FieldError.invalid(field, wanted.asText(), "field is immutable"));
        }
    }

    private static void checkSpec(JsonNode object, JsonNode before, List<FieldError> errors) {
        JsonNode spec = object.path("spec");
        checkGroup(object, spec.path("group").asText(""), errors);
        if (!SCOPES.contains(spec.path("scope").asText(""))) {
            errors.add(FieldError.notSupported("spec.scope", spec.path("scope").asText(""), SCOPES));
        }
        if (spec.path("preserveUnknownFields").asBoolean()) {
            errors.add(FieldError.invalid(
                    "spec.preserveUnknownFields",
                    true,
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
                            + " spec.versions[*].schema instead"));
        }
        checkConversion(spec.path("conversion"), errors);
        checkNames(spec.path("names"), errors);
        checkVersions(spec.path("versions"), before, errors);
    }

    private static void checkGroup(JsonNode object, String group, List<FieldError> errors) {
        String problem = group.isEmpty() ? "" : Names.dns1123Subdomain(group);
        if (group.isEmpty()) {
            errors.add(FieldError.required("spec.group", ""));
        } else if (!problem.isEmpty()) {
            errors.add(FieldError.invalid("spec.group", group, problem));
        } else if (!group.contains(".")) {
            errors.add(FieldError.invalid("spec.group", group, "should be a domain with at least one dot"));
        }
        boolean isProtected = group.endsWith(".k8s.io") || group.endsWith(".kubernetes.io");
        if (isProtected && !Meta.annotations(object).containsKey(APPROVAL)) {
            errors.add(FieldError.required(
                    "metadata.annotations[" + APPROVAL + "]",
                    "protected groups must have approval annotation \"" + APPROVAL
                            + "\", see https://github.com/kubernetes/enhancements/pull/1111"));
        }
    }

    private static void checkNames(JsonNode names, List<FieldError> errors) {
        for (String field : List.of("plural", "singular", "kind", "listKind")) {
            String value = names.path(field).asText("");
            if (value.isEmpty()) {
                errors.add(FieldError.required("spec.names." + field, ""));
                continue;
            }
            String problem = Names.dns1035Label(value.toLowerCase(Locale.ROOT));
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid("spec.names." + field, value, problem));
            }
        }
        for (String field : List.of("shortNames", "categories")) {
            for (int i = 0; i < names.path(field).size(); i++) {
                String value = names.path(field).get(i).asText();
                String problem = Names.dns1035Label(value);
                if (!problem.isEmpty()) {
                    errors.add(FieldError.invalid("spec.names." + field + "[" + i + "]", value, problem));
                }
            }
        }
        String kind = names.path("kind").asText("");
        if (!kind.isEmpty() && kind.equals(names.path("listKind").asText(""))) {
            errors.add(FieldError.invalid("spec.names.listKind", kind, "kind and listKind may not be the same"));
        }
    }

    private static void checkVersions(JsonNode versions, JsonNode before, List<FieldError> errors) {
        Set<String> seen = new HashSet<>();
        int storage = 0;
        for (int i = 0; i < versions.size(); i++) {
            JsonNode version = versions.get(i);
            String path = "spec.versions[" + i + "]";
            String name = version.path("name").asText("");
            String problem = Names.dns1035Label(name);
            if (!problem.isEmpty()) {
                errors.add(FieldError.invalid(path + ".name", name, problem));
            }
            if (!seen.add(name)) {
                errors.add(FieldError.invalid("spec.versions", name, "must contain unique version names"));
            }
            storage += version.path("storage").asBoolean() ? 1 : 0;
            VersionRules.check(path, version, schemaOf(before, name), errors);
        }
        if (storage != 1) {
            errors.add(FieldError.invalid(
                    "spec.versions", versions, "must have exactly one version marked as storage version"));
        }
    }

    private static @Nullable JsonNode schemaOf(JsonNode versions, String name) {
        for (JsonNode version : versions) {
            if (version.path("name").asText().equals(name)) {
                return version.path("schema").path("openAPIV3Schema");
            }
        }
        return null;
    }

    private static void checkConversion(JsonNode conversion, List<FieldError> errors) {
        String strategy = conversion.path("strategy").asText("");
        if (!STRATEGIES.contains(strategy)) {
            errors.add(FieldError.notSupported("spec.conversion.strategy", strategy, STRATEGIES));
            return;
        }
        JsonNode webhook = conversion.path("webhook");
        JsonNode config = webhook.path("clientConfig");
        if (!strategy.equals("Webhook")) {
            if (webhook.isObject()) {
                errors.add(FieldError.forbidden(
                        "spec.conversion.webhook", "should not be set when strategy is not set to Webhook"));
            }
            return;
        }
        String at = "spec.conversion.webhookClientConfig";
        if (!config.isObject()) {
            errors.add(FieldError.required(at, "required when strategy is set to Webhook"));
        } else if (config.hasNonNull("url") == config.hasNonNull("service")) {
            errors.add(FieldError.required(at, "exactly one of url or service is required"));
        } else if (config.hasNonNull("url") && !config.path("url").asText().startsWith("https://")) {
            errors.add(FieldError.invalid(
                    at + ".url",
                    config.path("url").asText(),
                    "'https' is the only allowed URL scheme; desired format: https://host[/path]"));
        }
        var versions = new ArrayList<String>();
        webhook.path("conversionReviewVersions").forEach(v -> versions.add(v.asText()));
        if (versions.isEmpty()) {
            errors.add(FieldError.required("spec.conversion.conversionReviewVersions", ""));
        } else if (!versions.contains("v1") && !versions.contains("v1beta1")) {
            errors.add(FieldError.invalid(
                    "spec.conversion.conversionReviewVersions",
                    String.join(",", versions),
                    "must include at least one of v1, v1beta1"));
        }
    }

    /// What is stored in some version must stay readable. Source: `ValidateCustomResourceDefinitionStoredVersions`.
    private static void checkStored(JsonNode object, List<FieldError> errors) {
        JsonNode stored = object.path("status").path("storedVersions");
        var known = new ArrayList<String>();
        stored.forEach(version -> known.add(version.asText()));
        var names = new HashSet<String>();
        String storage = "";
        for (JsonNode version : object.path("spec").path("versions")) {
            names.add(version.path("name").asText());
            storage = version.path("storage").asBoolean() ? version.path("name").asText() : storage;
        }
        if (known.isEmpty()) {
            errors.add(FieldError.invalid("status.storedVersions", stored, "must have at least one stored version"));
            return;
        }
        for (int i = 0; i < known.size(); i++) {
            if (!names.contains(known.get(i))) {
                errors.add(FieldError.invalid(
                        "status.storedVersions[" + i + "]",
                        known.get(i),
                        "missing from spec.versions; " + known.get(i) + " was previously a storage version, and must"
                                + " remain in spec.versions until a storage migration ensures no data remains persisted"
                                + " in " + known.get(i) + " and removes " + known.get(i)
                                + " from status.storedVersions"));
            }
        }
        if (!known.contains(storage)) {
            errors.add(FieldError.invalid("status.storedVersions", stored, "must have the storage version " + storage));
        }
    }
}
