package io.insula.tenantapi.kinds.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Durations;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

@Singleton
final class CertificateSigningRequestKind implements StoredKind {

    private static final Set<String> DECISIONS = Set.of("Approved", "Denied");

    private static final KindSpec SPEC = KindSpec.cluster(
                    "certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests")
            .shortNames("csr")
            .withStatus()
            .subresource(
                    "approval",
                    new GroupVersionKind("certificates.k8s.io", "v1", "CertificateSigningRequest"),
                    "get",
                    "patch",
                    "update");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        ObjectNode spec = Fields.object(object, "spec");
        spec.put("username", context.user().name());
        spec.remove(List.of("uid", "groups", "extra"));
        if (!context.user().uid().isEmpty()) {
            spec.put("uid", context.user().uid());
        }
        context.user().groups().forEach(spec.putArray("groups")::add);
        context.user()
                .extra()
                .forEach((key, values) ->
                        values.forEach(Fields.object(spec, "extra").putArray(key)::add));
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks().required(spec, "spec", "request").required(spec, "spec", "signerName");
        if (spec.path("usages").isEmpty()) {
            checks.add(FieldError.required("spec.usages", ""));
        }
        JsonNode seconds = spec.path("expirationSeconds");
        if (seconds.isNumber() && seconds.asLong() < 600) {
            checks.add(FieldError.invalid(
                    "spec.expirationSeconds",
                    seconds.asLong(),
                    "may not specify a duration less than 600 seconds (10 minutes)"));
        }
        return checks.errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec").errors();
    }

    @Override
    public void prepareForUpdate(ObjectNode wanted, JsonNode current, WriteContext context) {
        switch (context.subresource()) {
            case "" -> wanted.set("spec", current.path("spec"));
            case "status" -> keepDecisions(wanted, current);
            default -> {}
        }
    }

    @Override
    public ObjectNode subresource(SubresourceRequest request) {
        return request.verb().equals("get")
                ? request.current()
                : request.store().update(current -> approve(current, request.body()));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.signerName");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of("spec.signerName", object.path("spec").path("signerName").asText(""));
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.AGE,
                Printers.text("SignerName", "spec.signerName", Printers.NONE),
                Printers.text("Requestor", "spec.username"),
                Column.of("RequestedDuration", (o, now) -> requested(o)),
                Column.of("Condition", (o, now) -> condition(o)));
    }

    /// The metadata and the conditions, which nobody may take back; nothing else.
    /// Source: kubernetes/kubernetes, registry/certificates/certificates, `csrApprovalStrategy.PrepareForUpdate`.
    private static ObjectNode approve(ObjectNode current, JsonNode asked) {
        ObjectNode wanted = current.deepCopy();
        if (asked.path("metadata") instanceof ObjectNode metadata) {
            wanted.set("metadata", metadata.deepCopy());
        }
        JsonNode conditions = Condition.listOf(asked);
        if (conditions.isArray()) {
            Fields.object(wanted, "status").set(Condition.LIST, conditions.deepCopy());
        }
        return wanted;
    }

    /// Approval and denial are written through `approval` only.
    private static void keepDecisions(ObjectNode wanted, JsonNode current) {
        ArrayNode kept = Json.object().putArray("x");
        Condition.listOf(current).forEach(c -> {
            if (DECISIONS.contains(c.path("type").asText())) {
                kept.add(c);
            }
        });
        Condition.listOf(wanted).forEach(c -> {
            if (!DECISIONS.contains(c.path("type").asText())) {
                kept.add(c);
            }
        });
        if (!kept.isEmpty()) {
            Fields.object(wanted, "status").set(Condition.LIST, kept);
        }
    }

    private static String requested(JsonNode object) {
        JsonNode seconds = Checks.at(object, "spec.expirationSeconds");
        return seconds.isNumber() ? Durations.human(Duration.ofSeconds(seconds.asLong())) : Printers.NONE;
    }

    static String condition(JsonNode object) {
        JsonNode conditions = Condition.listOf(object);
        String text = "Pending";
        if (!Fields.find(conditions, "type", "Denied").isMissingNode()) {
            text = "Denied";
        } else if (!Fields.find(conditions, "type", "Approved").isMissingNode()) {
            text = "Approved";
        }
        if (!Fields.find(conditions, "type", "Failed").isMissingNode()) {
            text += ",Failed";
        }
        return Checks.at(object, "status.certificate").asText("").isEmpty() ? text : text + ",Issued";
    }
}
