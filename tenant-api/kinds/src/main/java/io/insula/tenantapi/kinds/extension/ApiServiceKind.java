package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Source: kube-aggregator, `apis/apiregistration/validation` and `registry/apiservice/strategy.go`.
@Singleton
final class ApiServiceKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster("apiregistration.k8s.io", "v1", "APIService", "apiservices")
            .storedAt("apiregistration.k8s.io/apiservices")
            .categories("api-extensions")
            .noUnconditionalUpdate()
            .withStatus(Set.of());

    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern VERSION = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final int MAX_GROUP_PRIORITY = 20_000;
    private static final int MAX_VERSION_PRIORITY = 1000;
    private static final int HIGHEST_PORT = 65_535;

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        if (object.path("spec").path("service") instanceof ObjectNode service && !service.has("port")) {
            service.put("port", 443);
        }
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        if (object.path("spec").path("service").isObject()) {
            return;
        }
        object.putObject("status")
                .putArray(Condition.LIST)
                .addObject()
                .put("type", "Available")
                .put("status", "True")
                .put("lastTransitionTime", Meta.timestamp(Instant.now()))
                .put("reason", "Local")
                .put("message", "Local APIServices are always available");
    }

    /// `v1.` is one, of the core group: not a DNS name. What it must be is said by [#validateCreate].
    @Override
    public String checkName(String name) {
        return name.contains("/") || name.contains("%") ? "may not contain '/' or '%'" : "";
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of("Service", (o, now) -> service(o.path("spec").path("service"))),
                Column.of("Available", (o, now) -> available(o)),
                Printers.AGE);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var errors = new ArrayList<FieldError>();
        String group = spec.path("group").asText("");
        String version = spec.path("version").asText("");
        String name = version + "." + group;
        if (!Meta.name(object).equals(name)) {
            errors.add(FieldError.invalid(
                    "metadata.name", Meta.name(object), "must be `spec.version+\".\"+spec.group`: \"" + name + '"'));
        }
        if (group.isEmpty() && !version.equals("v1")) {
            errors.add(
                    FieldError.required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
        }
        if (!group.isEmpty() && (!SUBDOMAIN.matcher(group).matches() || group.length() > 253)) {
            errors.add(FieldError.invalid(
                    "spec.group",
                    group,
                    "a lowercase RFC 1123 subdomain must consist of lower"
                            + " case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
                            + " (e.g. 'example.com', regex used for validation is"
                            + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"));
        }
        if (!VERSION.matcher(version).matches() || version.length() > 63) {
            errors.add(FieldError.invalid(
                    "spec.version",
                    version,
                    "a DNS-1035 label must consist of lower case"
                            + " alphanumeric characters or '-', start with an alphabetic character, and end with an"
                            + " alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is"
                            + " '[a-z]([-a-z0-9]*[a-z0-9])?')"));
        }
        priority(errors, spec, "groupPriorityMinimum", MAX_GROUP_PRIORITY);
        priority(errors, spec, "versionPriority", MAX_VERSION_PRIORITY);
        validateService(errors, spec);
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return context.subresource().isEmpty() ? validateCreate(wanted, context) : validateStatus(wanted);
    }

    private static List<FieldError> validateStatus(JsonNode object) {
        var errors = new ArrayList<FieldError>();
        JsonNode conditions = Condition.listOf(object);
        for (int i = 0; i < conditions.size(); i++) {
            String status = conditions.get(i).path("status").asText("");
            if (!List.of("True", "False", "Unknown").contains(status)) {
                errors.add(FieldError.notSupported(
                        "status.conditions[" + i + "].status", status, List.of("True", "False", "Unknown")));
            }
        }
        return errors;
    }

    private static void priority(List<FieldError> errors, JsonNode spec, String field, int most) {
        int value = spec.path(field).asInt();
        if (value <= 0 || value > most) {
            errors.add(FieldError.invalid("spec." + field, value, "must be positive and less than " + most));
        }
    }

    private static void validateService(List<FieldError> errors, JsonNode spec) {
        JsonNode service = spec.path("service");
        String bundle = spec.path("caBundle").asText("");
        boolean insecure = spec.path("insecureSkipTLSVerify").asBoolean();
        if (!service.isObject()) {
            if (!bundle.isEmpty()) {
                errors.add(FieldError.invalid(
                        "spec.caBundle",
                        bundle.length() / 4 * 3 + " bytes",
                        "local APIServices may not have a caBundle"));
            }
            if (insecure) {
                errors.add(FieldError.invalid(
                        "spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify"));
            }
            return;
        }
        for (String field : List.of("namespace", "name")) {
            if (service.path(field).asText("").isEmpty()) {
                errors.add(FieldError.required("spec.service." + field, ""));
            }
        }
        int port = service.path("port").asInt();
        if (port < 1 || port > HIGHEST_PORT) {
            errors.add(FieldError.invalid(
                    "spec.service.port", port, "port is not valid: must be between 1 and 65535, inclusive"));
        }
        if (insecure && !bundle.isEmpty()) {
            errors.add(
                    FieldError.invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
        }
    }

    private static String service(JsonNode reference) {
        return reference.isObject()
                ? reference.path("namespace").asText() + "/"
                        + reference.path("name").asText()
                : "Local";
    }

    private static String available(JsonNode object) {
        Condition condition = Condition.of(object, "Available");
        String status = condition.exists() ? condition.status() : Condition.UNKNOWN;
        return condition.isTrue() ? status : status + " (" + condition.reason() + ")";
    }
}
