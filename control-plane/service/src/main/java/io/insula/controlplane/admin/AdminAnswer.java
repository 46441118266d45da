package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.controlplane.admin.AdminException.Problem;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is answered. Immutable, but for the tree in it, which nobody keeps.
///
/// @param headers besides those that every answer has
record AdminAnswer(int status, String contentType, JsonNode body, Map<String, List<String>> headers) {

    private static final String JSON = "application/json";

    AdminAnswer {
        headers = Map.copyOf(headers);
    }

    static AdminAnswer ok(JsonNode body) {
        return new AdminAnswer(200, JSON, body, Map.of());
    }

    /// Not JSON.
    static AdminAnswer text(String contentType, byte[] utf8) {
        return new AdminAnswer(200, contentType, TextNode.valueOf(new String(utf8, StandardCharsets.UTF_8)), Map.of());
    }

    static AdminAnswer created(JsonNode body) {
        return new AdminAnswer(201, JSON, body, Map.of());
    }

    static AdminAnswer accepted(JsonNode body) {
        return new AdminAnswer(202, JSON, body, Map.of());
    }

    /// The caller has the newest already.
    static AdminAnswer notModified() {
        return new AdminAnswer(304, JSON, Json.object(), Map.of());
    }

    static AdminAnswer problem(AdminException failure) {
        Problem problem = failure.problem();
        var body = Json.object()
                .put("type", "about:blank")
                .put("title", problem.title())
                .put("status", problem.status())
                .put("detail", String.valueOf(failure.getMessage()));
        return new AdminAnswer(problem.status(), "application/problem+json", body, failure.headers());
    }

    AdminAnswer with(String header, String value) {
        var all = new LinkedHashMap<>(headers);
        all.put(header, List.of(value));
        return new AdminAnswer(status, contentType, body, all);
    }

    byte[] bytes() {
        if (status == 304) {
            return new byte[0];
        }
        return body.isTextual() ? body.asText().getBytes(StandardCharsets.UTF_8) : Json.bytes(body);
    }
}
