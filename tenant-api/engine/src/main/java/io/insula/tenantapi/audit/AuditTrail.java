package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditPolicy.Decision;
import io.insula.tenantapi.audit.AuditPolicy.Stage;
import io.insula.tenantapi.auth.UserInfo;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The audit events of one request, as the policy wants them: `RequestReceived`, `ResponseStarted` for streams and
/// `ResponseComplete`. Thread-safe: guarded by itself, but for the sink, which may block; what comes after the end
/// is not recorded.
///
/// Source: kubernetes/apiserver, `apis/audit/v1`, `audit/request.go` and `filters/audit.go`.
public final class AuditTrail {

    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int MAX_ID = 64;

    private final AuditPolicy policy;
    private final AuditSink sink;
    private final Clock clock;
    private final String id;
    private @Nullable ObjectNode tree = Json.object();
    /// The event while there is no tree of it.
    private @Nullable PackedEvent packed;

    private AuditSubject subject = AuditSubject.NONE;
    private @Nullable Decision decision;
    private boolean ended;

    /// Level Metadata.
    ///
    /// @param requestId as the client sent it in `Audit-ID`; empty for none
    public AuditTrail(AuditSink sink, Clock clock, String requestId) {
        this(AuditPolicy.METADATA, sink, clock, requestId);
    }

    public AuditTrail(AuditPolicy policy, AuditSink sink, Clock clock, String requestId) {
        this.policy = policy;
        this.sink = sink;
        this.clock = clock;
        boolean usable = !requestId.isEmpty() && requestId.length() <= MAX_ID;
        this.id = usable ? requestId : UUID.randomUUID().toString();
        ObjectNode event = event();
        event.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1").put("level", "");
        event.put("auditID", id);
        event.put("stage", "");
        // also of requests that nobody was authenticated for
        event.putObject("user");
        event.put("requestReceivedTimestamp", micros(clock.instant()));
    }

    /// Takes little room until something more happens: for streams that have begun.
    public synchronized void rest() {
        decision();
        subject = AuditSubject.NONE;
        if (tree != null) {
            packed = PackedEvent.of(tree);
            tree = null;
        }
    }

    private ObjectNode event() {
        ObjectNode known = tree;
        if (known == null) {
            known = packed == null ? Json.object() : packed.tree();
            tree = known;
            packed = null;
        }
        return known;
    }

    public String id() {
        return id;
    }

    /// What was asked, by URL.
    ///
    /// @param uri the path with the query
    public synchronized AuditTrail request(String uri, String verb, String userAgent, List<String> sourceIps) {
        event().put("requestURI", uri).put("verb", verb);
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        subject = new AuditSubject("", List.of(), verb, "", "", "", "", "", path);
        if (!userAgent.isEmpty()) {
            event().put("userAgent", userAgent);
        }
        if (!sourceIps.isEmpty()) {
            sourceIps.forEach(event().putArray("sourceIPs")::add);
        }
        return this;
    }

    /// When it was asked, where that was before this trail began.
    public synchronized AuditTrail receivedAt(Instant when) {
        event().put("requestReceivedTimestamp", micros(when));
        return this;
    }

    /// Who asked.
    public synchronized AuditTrail user(UserInfo user) {
        event().set("user", tree(user));
        subject = new AuditSubject(
                user.name(),
                user.groups(),
                subject.verb(),
                subject.group(),
                subject.resource(),
                subject.subresource(),
                subject.namespace(),
                subject.name(),
                subject.path());
        return this;
    }

    /// As whom they asked.
    public synchronized AuditTrail impersonated(UserInfo user) {
        event().set("impersonatedUser", tree(user));
        return this;
    }

    /// What was asked about; empty parts are left out.
    public synchronized AuditTrail object(
            String group, String version, String resource, String subresource, String namespace, String name) {
        ObjectNode ref = event().putObject("objectRef");
        put(ref, "resource", resource);
        put(ref, "namespace", namespace);
        put(ref, "name", name);
        put(ref, "apiGroup", group);
        put(ref, "apiVersion", version);
        put(ref, "subresource", subresource);
        subject = new AuditSubject(
                subject.user(),
                subject.groups(),
                subject.verb(),
                group,
                resource,
                subresource,
                namespace,
                name,
                subject.path());
        return this;
    }

    /// The name and uid that a create gave its object.
    public synchronized AuditTrail created(String name, String uid) {
        if (event().get("objectRef") instanceof ObjectNode ref) {
            put(ref, "name", name);
            put(ref, "uid", uid);
        }
        return this;
    }

    public synchronized AuditTrail annotate(String key, String value) {
        event().withObjectProperty("annotations").put(key, value);
        return this;
    }

    /// The body as the client sent it, where the level asks for it.
    public synchronized AuditTrail requestObject(JsonNode object) {
        if (decision().level().covers(AuditLevel.REQUEST)) {
            event().set("requestObject", shown(object));
        }
        return this;
    }

    /// Whether the level asks for the body of the answer.
    public synchronized boolean wantsResponseObject() {
        return decision().level().covers(AuditLevel.REQUEST_RESPONSE);
    }

    /// The body of the answer, where the level asks for it.
    public synchronized AuditTrail responseObject(JsonNode object) {
        if (decision().level().covers(AuditLevel.REQUEST_RESPONSE)) {
            event().set("responseObject", shown(object));
        }
        return this;
    }

    /// Why the answer is not a success.
    public synchronized AuditTrail failure(ObjectNode status) {
        ObjectNode answer = event().putObject("responseStatus");
        answer.putObject("metadata");
        for (String field : List.of("status", "message", "reason", "details")) {
            if (status.has(field)) {
                answer.set(field, status.path(field).deepCopy());
            }
        }
        return this;
    }

    /// Records that it is known who wants what; returns when that is durable.
    ///
    /// @throws AuditSink.Unavailable when the request could not be recorded, now or at its end
    public void received() {
        boolean recorded;
        synchronized (this) {
            recorded = decision().level() != AuditLevel.NONE;
        }
        if (recorded) {
            sink.requireTaking();
        }
        hand(Stage.REQUEST_RECEIVED, 0);
    }

    /// Records that the request is refused before anything is done; where that cannot be recorded, it is refused all
    /// the same.
    public void refused(int code, String message) {
        failure(Json.object().put("status", "Failure").put("message", message));
        try {
            complete(code);
        } catch (AuditSink.Unavailable e) {
            LOG.atDebug().setCause(e).log("a refusal cannot be recorded");
        }
    }

    /// Records that a stream begins; returns when it is durable.
    public void started(int code) {
        hand(Stage.RESPONSE_STARTED, code);
    }

    /// Records the end; returns when it is durable.
    public void complete(int code) {
        hand(Stage.RESPONSE_COMPLETE, code);
    }

    private void hand(Stage stage, int code) {
        ObjectNode copy;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = stage == Stage.RESPONSE_COMPLETE;
            if (!decision().records(stage)) {
                return;
            }
            event().put("level", decision().level().text());
            copy = event().deepCopy();
        }
        copy.put("stage", stage.text());
        if (code > 0) {
            ObjectNode status = copy.get("responseStatus") instanceof ObjectNode known ? known : newStatus(copy);
            status.put("code", code);
        }
        copy.put("stageTimestamp", micros(clock.instant()));
        sink.accept(copy);
    }

    /// Taken once, when it is first needed: by then the user is known, or never will be.
    private Decision decision() {
        Decision known = decision;
        if (known == null) {
            known = policy.decide(subject);
            decision = known;
        }
        return known;
    }

    private JsonNode shown(JsonNode object) {
        JsonNode copy = object.deepCopy();
        if (decision().omitManagedFields()) {
            withoutManagedFields(copy);
            copy.path("items").forEach(AuditTrail::withoutManagedFields);
        }
        return copy;
    }

    private static void withoutManagedFields(JsonNode object) {
        if (object.get("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
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
            for (Map.Entry<String, List<String>> entry : user.extra().entrySet()) {
                entry.getValue().forEach(extra.withArrayProperty(entry.getKey())::add);
            }
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
