package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The small paths that every API server has: `/`, `/version`, `/metrics`, and the issuer's documents.
public final class SystemEndpoints {

    private SystemEndpoints() {}

    /// `/version`: the Kubernetes version whose API this is.
    public static Endpoint version() {
        ObjectNode version = versionDocument();
        return request -> {
            if (!request.path().equals("/version") && !request.path().equals("/version/")) {
                return Optional.empty();
            }
            requireGet(request);
            return Optional.of(json(version, true));
        };
    }

    private static ObjectNode versionDocument() {
        return Json.object()
                .put("major", "1")
                .put("minor", "34")
                .put("emulationMajor", "1")
                .put("emulationMinor", "34")
                .put("minCompatibilityMajor", "1")
                .put("minCompatibilityMinor", "33")
                .put("gitVersion", "v1.34.2+insula")
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "2025-11-11T00:00:00Z")
                .put("goVersion", "")
                .put("compiler", "javac")
                .put("platform", "linux/amd64");
    }

    /// The version as a metric has it: major, minor, git_version, platform.
    public static MetricRegistry.Sample buildInfo() {
        ObjectNode version = versionDocument();
        return MetricRegistry.Sample.of(
                1,
                version.path("major").asText(),
                version.path("minor").asText(),
                version.path("gitVersion").asText(),
                version.path("platform").asText());
    }

    /// `/` lists what else there is.
    public static Endpoint root(Supplier<List<String>> paths) {
        return request -> {
            if (!request.path().equals("/")) {
                return Optional.empty();
            }
            ObjectNode document = Json.object();
            paths.get().forEach(document.putArray("paths")::add);
            return Optional.of(json(document, true));
        };
    }

    /// Numbers in Prometheus' text format, at a fixed path.
    public static Endpoint metrics(String path, MetricRegistry registry) {
        return request -> request.path().equals(path)
                ? Optional.of(new Endpoint.Reply(200, MetricRegistry.CONTENT_TYPE, registry.text(), Map.of()))
                : Optional.empty();
    }

    /// A JSON document at a fixed path.
    public static Endpoint document(String path, String contentType, Supplier<? extends JsonNode> document) {
        return request -> request.path().equals(path)
                ? Optional.of(new Endpoint.Reply(200, contentType, Json.bytes(document.get()), Map.of()))
                : Optional.empty();
    }

    static Endpoint.Reply json(JsonNode document, boolean indented) {
        String text = indented ? document.toPrettyString() : document.toString();
        return new Endpoint.Reply(200, "application/json", text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /// Whether the client has the document of this ETag already. Source: RFC 9110, "If-None-Match": a list, compared
    /// weakly, or any.
    static boolean isKnown(HttpRequest request, String etag) {
        return request.headers("if-none-match").stream()
                .flatMap(header -> Arrays.stream(header.split(",", -1)))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
    }

    /// What upstream routes as resources are takes no other method, not even HEAD.
    ///
    /// @throws ApiException 405
    static void requireGet(HttpRequest request) {
        if (!request.method().equals("GET")) {
            throw ApiException.methodNotAllowed();
        }
    }
}
