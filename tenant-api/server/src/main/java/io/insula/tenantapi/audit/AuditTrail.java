package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;

/// The audit events of one request, level Metadata: `ResponseStarted` for streams and `ResponseComplete` for all.
/// Confined to the request; [#complete] may come from any thread, once.
///
/// Source: kubernetes/apiserver, `apis/audit/v1` and `filters/audit.go`.
public final class AuditTrail {

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int MAX_ID = 64;

    private final AuditSink sink;
    private final Clock clock;
    private final ObjectNode event = Json.object();

    /// @param requestId as the client sent it in `Audit-ID`; empty for none
    public AuditTrail(AuditSink sink, Clock clock, String requestId) {
        this.sink = sink;
        this.clock = clock;
        boolean usable = !requestId.isEmpty() && requestId.length() <= MAX_ID;
        event.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1").put("level", "Metadata");
        event.put("auditID", usable ? requestId : UUID.randomUUID().toString());
        event.put("stage", "");
        event.put("requestReceivedTimestamp", micros(clock.instant()));
    }

    public String id() {
        return event.path("auditID").asText();
    }

    /// What was asked, by URL.
    public AuditTrail request(String uri, String verb, String userAgent, List<String> sourceIps) {
        event.put("requestURI", uri).put("verb", verb);
        if (!userAgent.isEmpty()) {
            event.put("userAgent", userAgent);
        }
        if (!sourceIps.isEmpty()) {
            sourceIps.forEach(event.putArray("sourceIPs")::add);
        }
        return this;
    }

    /// Who asked.
    public AuditTrail user(UserInfo user) {
        event.set("user", tree(user));
        return this;
    }

    /// As whom they asked.
    public AuditTrail impersonated(UserInfo user) {
        event.set("impersonatedUser", tree(user));
        return this;
    }

    /// What was asked about; empty parts are left out.
    public AuditTrail object(
            String group, String version, String resource, String subresource, String namespace, String name) {
        ObjectNode ref = event.putObject("objectRef");
        put(ref, "resource", resource);
        put(ref, "namespace", namespace);
        put(ref, "name", name);
        put(ref, "apiGroup", group);
        put(ref, "apiVersion", version);
        put(ref, "subresource", subresource);
        return this;
    }

    /// The name and uid that a create gave its object.
    public AuditTrail created(String name, String uid) {
        if (event.get("objectRef") instanceof ObjectNode ref) {
            put(ref, "name", name);
            put(ref, "uid", uid);
        }
        return this;
    }

    public AuditTrail annotate(String key, String value) {
        event.withObjectProperty("annotations").put(key, value);
        return this;
    }

    /// Why the answer is not a success.
    public AuditTrail failure(ObjectNode status) {
        ObjectNode answer = event.putObject("responseStatus");
        answer.putObject("metadata");
        for (String field : List.of("status", "message", "reason", "details")) {
            if (status.has(field)) {
                answer.set(field, status.path(field).deepCopy());
            }
        }
        return this;
    }

    /// Records that a stream begins; returns when it is durable.
    public void started(int code) {
        hand("ResponseStarted", code);
    }

    /// Records the end; returns when it is durable.
    public void complete(int code) {
        hand("ResponseComplete", code);
    }

    private void hand(String stage, int code) {
        ObjectNode copy = event.deepCopy();
        copy.put("stage", stage);
        ObjectNode status = copy.get("responseStatus") instanceof ObjectNode known ? known : newStatus(copy);
        status.put("code", code);
        copy.put("stageTimestamp", micros(clock.instant()));
        sink.accept(copy);
    }

    private static ObjectNode newStatus(ObjectNode event) {
        ObjectNode status = event.putObject("responseStatus");
        status.putObject("metadata");
        return status;
    }

    private static ObjectNode tree(UserInfo user) {
        ObjectNode tree = Json.object().put("username", user.name());
        put(tree, "uid", user.uid());
        if (!user.groups().isEmpty()) {
            user.groups().forEach(tree.putArray("groups")::add);
        }
        if (!user.extra().isEmpty()) {
            ObjectNode extra = tree.putObject("extra");
            user.extra().forEach((key, values) -> values.forEach(extra.withArrayProperty(key)::add));
        }
        return tree;
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!value.isEmpty()) {
            node.put(field, value);
        }
    }

    private static String micros(Instant instant) {
        return MICROS.format(instant);
    }
}
