package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The small paths that every API server has: `/`, `/version`, health, and the issuer's documents.
public final class SystemEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(SystemEndpoints.class);

    private SystemEndpoints() {}

    /// One part of a server's health.
    ///
    /// @param probe throws when the part is not well
    public record Check(String name, Runnable probe) {}

    /// `/version`: the Kubernetes version whose API this is.
    public static Endpoint version() {
        ObjectNode version = Json.object()
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
        return request -> request.path().equals("/version") || request.path().equals("/version/")
                ? Optional.of(json(version, true))
                : Optional.empty();
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

    /// `/healthz`, `/livez`, `/readyz` and one path below each per check.
    /// Source: kubernetes/apiserver, `server/healthz`.
    public static Endpoint health(List<Check> checks) {
        return request -> {
            for (String root : List.of("healthz", "livez", "readyz")) {
                if (request.path().equals("/" + root)) {
                    return Optional.of(all(root, checks, Query.of(request.query())));
                }
                for (Check check : checks) {
                    if (request.path().equals("/" + root + "/" + check.name())) {
                        return Optional.of(one(check));
                    }
                }
            }
            return Optional.empty();
        };
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

    private static Endpoint.Reply all(String root, List<Check> checks, Query query) {
        List<String> excluded = query.all("exclude");
        var lines = new LinkedHashMap<String, Boolean>();
        checks.stream()
                .filter(check -> !excluded.contains(check.name()))
                .forEach(check -> lines.put(check.name(), isWell(check)));
        boolean well = !lines.containsValue(false);
        if (well && query.flag("verbose").isEmpty()) {
            return text(200, "ok");
        }
        var body = new StringBuilder();
        lines.forEach((name, fine) ->
                body.append(fine ? "[+]" : "[-]").append(name).append(fine ? " ok\n" : " failed: reason withheld\n"));
        body.append(root).append(well ? " check passed\n" : " check failed\n");
        return text(well ? 200 : 500, body.toString());
    }

    private static Endpoint.Reply one(Check check) {
        return isWell(check) ? text(200, "ok") : text(500, "internal server error: reason withheld\n");
    }

    private static boolean isWell(Check check) {
        try {
            check.probe().run();
            return true;
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("check", check.name()).log("health check failed");
            return false;
        }
    }

    private static Endpoint.Reply text(int status, String text) {
        return new Endpoint.Reply(
                status,
                "text/plain; charset=utf-8",
                text.getBytes(StandardCharsets.UTF_8),
                Map.of("X-Content-Type-Options", List.of("nosniff")));
    }

    /// Whether the client has the document of this ETag already.
    static boolean isKnown(HttpRequest request, String etag) {
        return request.header("if-none-match").filter(etag::equals).isPresent();
    }
}
