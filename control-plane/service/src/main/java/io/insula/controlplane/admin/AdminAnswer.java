package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.admin.AdminException.Problem;
import io.insula.tenantapi.api.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is answered. Immutable, but for the tree in it, which nobody keeps.
///
/// @param headers besides those that every answer has
record AdminAnswer(int status, String contentType, Body body, Map<String, List<String>> headers) {

    private static final String JSON = "application/json";

    sealed interface Body {
        record Tree(JsonNode json) implements Body {}

        /// Not JSON; nobody changes it.
        record Text(byte[] utf8) implements Body {}

        record Nothing() implements Body {}
    }

    AdminAnswer {
        headers = Map.copyOf(headers);
    }

    static AdminAnswer ok(JsonNode body) {
        return json(200, body);
    }

    static AdminAnswer text(String contentType, byte[] utf8) {
        return new AdminAnswer(200, contentType, new Body.Text(utf8), Map.of());
    }

    static AdminAnswer created(JsonNode body) {
        return json(201, body);
    }

    static AdminAnswer accepted(JsonNode body) {
        return json(202, body);
    }

    /// The caller has the newest already.
    static AdminAnswer notModified() {
        return new AdminAnswer(304, JSON, new Body.Nothing(), Map.of());
    }

    static AdminAnswer problem(AdminException failure) {
        Problem problem = failure.problem();
        var body = Json.object()
                .put("type", "about:blank")
                .put("title", problem.title())
                .put("status", problem.status())
                .put("detail", String.valueOf(failure.getMessage()));
        return new AdminAnswer(problem.status(), "application/problem+json", new Body.Tree(body), failure.headers());
    }

    AdminAnswer with(String header, String value) {
        var all = new LinkedHashMap<>(headers);
        all.put(header, List.of(value));
        return new AdminAnswer(status, contentType, body, all);
    }

    byte[] bytes() {
        return switch (body) {
            case Body.Tree(var json) -> Json.bytes(json);
            case Body.Text(var utf8) -> utf8;
            case Body.Nothing() -> new byte[0];
        };
    }

    private static AdminAnswer json(int status, JsonNode body) {
        return new AdminAnswer(status, JSON, new Body.Tree(body), Map.of());
    }
}
