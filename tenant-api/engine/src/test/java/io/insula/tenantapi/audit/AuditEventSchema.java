package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an `audit.k8s.io/v1` Event may be, for tests of all who make one: a consumer that decodes it strictly into
/// upstream's types takes it, and what it says of itself fits together.
///
/// Source: kubernetes/apiserver, `pkg/apis/audit/v1/types.go`; apimachinery, `meta/v1` `Status`, `MicroTime`.
public final class AuditEventSchema {

    private static final Pattern MICRO_TIME =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z");

    /// Source: Kubernetes documentation, "Labels and Selectors", syntax of keys.
    private static final Pattern QUALIFIED =
            Pattern.compile("([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    private static final Pattern PATH = Pattern.compile("/(?<root>api|apis/(?<group>[^/]+))/(?<version>[^/]+)"
            + "(/(watch|proxy))?(/namespaces/(?<namespace>[^/]+)(?=/))?/(?<resource>[^/]+)(/(?<name>[^/]+))?"
            + "(/(?<sub>[^/]+))?(/.*)?");

    private static final Set<String> VERBS = Set.of(
            "get",
            "list",
            "watch",
            "create",
            "update",
            "patch",
            "delete",
            "deletecollection",
            "post",
            "put",
            "head",
            "options",
            "connect",
            "trace");

    private static final Map<String, Predicate<JsonNode>> USER = Map.of(
            "username",
            JsonNode::isTextual,
            "uid",
            JsonNode::isTextual,
            "groups",
            node -> all(node, JsonNode::isTextual),
            "extra",
            node -> node.isObject() && node.valueStream().allMatch(v -> all(v, JsonNode::isTextual)));

    private static final Map<String, Predicate<JsonNode>> OBJECT = Map.of(
            "resource", AuditEventSchema::isFilled,
            "namespace", AuditEventSchema::isFilled,
            "name", AuditEventSchema::isFilled,
            "uid", AuditEventSchema::isFilled,
            "apiGroup", AuditEventSchema::isFilled,
            "apiVersion", AuditEventSchema::isFilled,
            "resourceVersion", AuditEventSchema::isFilled,
            "subresource", AuditEventSchema::isFilled);

    private static final Map<String, Predicate<JsonNode>> STATUS = Map.of(
            "kind",
            node -> node.asText().equals("Status"),
            "apiVersion",
            node -> node.asText().equals("v1"),
            "metadata",
            JsonNode::isObject,
            "status",
            oneOf("Success", "Failure"),
            "message",
            JsonNode::isTextual,
            "reason",
            JsonNode::isTextual,
            "details",
            JsonNode::isObject,
            "code",
            node -> node.isInt() && node.asInt() >= 100 && node.asInt() < 600);

    private static final Map<String, Predicate<JsonNode>> EVENT = Map.ofEntries(
            Map.entry("kind", node -> node.asText().equals("Event")),
            Map.entry("apiVersion", node -> node.asText().equals("audit.k8s.io/v1")),
            Map.entry("level", oneOf("Metadata", "Request", "RequestResponse")),
            Map.entry("auditID", AuditEventSchema::isFilled),
            Map.entry("stage", oneOf("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")),
            Map.entry("requestURI", JsonNode::isTextual),
            Map.entry("verb", AuditEventSchema::isFilled),
            Map.entry("user", node -> problems(node, USER).isEmpty()),
            Map.entry("impersonatedUser", node -> problems(node, USER).isEmpty()),
            Map.entry("sourceIPs", node -> all(node, AuditEventSchema::isAddress)),
            Map.entry("userAgent", JsonNode::isTextual),
            Map.entry("objectRef", node -> problems(node, OBJECT).isEmpty()),
            Map.entry("responseStatus", node -> problems(node, STATUS).isEmpty()),
            Map.entry("requestObject", node -> !node.isNull()),
            Map.entry("responseObject", node -> !node.isNull()),
            Map.entry("requestReceivedTimestamp", AuditEventSchema::isMicroTime),
            Map.entry("stageTimestamp", AuditEventSchema::isMicroTime),
            Map.entry("annotations", AuditEventSchema::isAnnotations));

    private static final Set<String> REQUIRED = Set.of(
            "kind",
            "apiVersion",
            "level",
            "auditID",
            "stage",
            "requestURI",
            "verb",
            "user",
            "requestReceivedTimestamp",
            "stageTimestamp");

    private AuditEventSchema() {}

    /// What is wrong with an event, one line each; empty for a good one.
    public static List<String> violations(JsonNode event) {
        var found = new ArrayList<>(problems(event, EVENT));
        REQUIRED.stream().filter(field -> !event.has(field)).forEach(field -> found.add(field + ": missing"));
        if (event.path("stageTimestamp")
                        .asText()
                        .compareTo(event.path("requestReceivedTimestamp").asText())
                < 0) {
            found.add("stageTimestamp: before requestReceivedTimestamp");
        }
        // what was sent is told, also where it was refused for being no target
        int code = event.path("responseStatus").path("code").asInt();
        if (!isTarget(event.path("requestURI")) && code != 400 && code != 414 && code != 431) {
            found.add("requestURI: " + event.path("requestURI"));
        }
        boolean complete = event.path("stage").asText().equals("ResponseComplete");
        JsonNode status = event.path("responseStatus");
        if (complete && !status.has("code") && !status.path("status").asText().equals("Failure")) {
            found.add("responseStatus: says nothing of how it ended");
        }
        found.addAll(contradictions(event));
        return found;
    }

    /// Where the object is another than the URI's.
    private static List<String> contradictions(JsonNode event) {
        var found = new ArrayList<String>();
        JsonNode object = event.path("objectRef");
        String verb = event.path("verb").asText();
        if (!object.isMissingNode() && !VERBS.contains(verb)) {
            found.add("verb: " + verb);
        }
        String uri = event.path("requestURI").asText();
        var path = PATH.matcher(uri.contains("?") ? uri.substring(0, uri.indexOf('?')) : uri);
        if (object.isMissingNode() || !path.matches()) {
            boolean ours =
                    event.path("annotations").path("insula.io/api").asText().equals("admin");
            if (!object.isMissingNode() && !ours) {
                found.add("requestURI: " + uri + " is no resource's, but objectRef is there");
            }
            return found;
        }
        compare(found, "apiGroup", path.group("group"), object);
        compare(found, "apiVersion", path.group("version"), object);
        String resource = path.group("resource");
        if (resource.equals("namespaces") && path.group("namespace") == null) {
            return found;
        }
        compare(found, "resource", resource, object);
        compare(found, "namespace", path.group("namespace"), object);
        if (path.group("name") != null) {
            compare(found, "name", path.group("name"), object);
            compare(found, "subresource", path.group("sub"), object);
        }
        return found;
    }

    private static void compare(List<String> found, String field, @Nullable String wanted, JsonNode object) {
        String said = object.path(field).asText("");
        String expected = wanted == null ? "" : URLDecoder.decode(wanted, StandardCharsets.UTF_8);
        if (!said.equals(expected)) {
            found.add("objectRef." + field + ": \"" + said + "\" (expected, by requestURI: \"" + expected + "\")");
        }
    }

    private static List<String> problems(JsonNode node, Map<String, Predicate<JsonNode>> fields) {
        if (!node.isObject()) {
            return List.of("not an object: " + node);
        }
        var found = new ArrayList<String>();
        for (var field : node.properties()) {
            Predicate<JsonNode> rule = fields.get(field.getKey());
            if (rule == null) {
                found.add(field.getKey() + ": unknown");
            } else if (!rule.test(field.getValue())) {
                found.add(field.getKey() + ": " + field.getValue());
            }
        }
        return found;
    }

    private static Predicate<JsonNode> oneOf(String... values) {
        return node -> node.isTextual() && Set.of(values).contains(node.asText());
    }

    private static boolean all(JsonNode array, Predicate<JsonNode> rule) {
        return array.isArray() && array.valueStream().allMatch(rule);
    }

    /// A path, or what asks of the server as a whole: `OPTIONS *`.
    private static boolean isTarget(JsonNode node) {
        return node.isTextual()
                && (node.asText().startsWith("/") || node.asText().equals("*"));
    }

    private static boolean isFilled(JsonNode node) {
        return node.isTextual() && !node.asText().isEmpty();
    }

    private static boolean isMicroTime(JsonNode node) {
        return node.isTextual() && MICRO_TIME.matcher(node.asText()).matches();
    }

    private static boolean isAnnotations(JsonNode node) {
        return node.isObject()
                && node.properties().stream()
                        .allMatch(e -> QUALIFIED.matcher(e.getKey()).matches()
                                && e.getValue().isTextual());
    }

    private static boolean isAddress(JsonNode node) {
        try {
            return node.isTextual() && InetAddress.ofLiteral(node.asText()) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
