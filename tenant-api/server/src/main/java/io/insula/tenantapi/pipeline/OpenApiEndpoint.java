package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.openapi.BuiltInDocuments;
import io.insula.tenantapi.openapi.CustomSchema;
import io.insula.tenantapi.openapi.Document;
import io.insula.tenantapi.openapi.OpenApi;
import io.insula.tenantapi.registry.CustomKind;
import io.insula.tenantapi.registry.KindRegistry;
import java.lang.ref.SoftReference;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `/openapi/v2` and `/openapi/v3…` of what is served now, in JSON. Thread-safe.
public final class OpenApiEndpoint implements Endpoint {

    private static final String V3 = "/openapi/v3";
    private static final Duration FOREVER = Duration.ofDays(365);

    private final KindRegistry kinds;
    private final BuiltInDocuments builtIn;
    private volatile SoftReference<@Nullable OpenApi> cached = new SoftReference<>(null);

    public OpenApiEndpoint(KindRegistry kinds, BuiltInDocuments builtIn) {
        this.kinds = kinds;
        this.builtIn = builtIn;
        kinds.onChange(() -> cached.clear());
    }

    @Override
    public Optional<Reply> answer(HttpRequest request) {
        String path = request.path();
        if (path.equals("/openapi/v2")) {
            return Optional.of(reply(request, openApi().v2(), Map.of()));
        }
        if (path.equals(V3) || path.equals(V3 + "/")) {
            return Optional.of(reply(request, openApi().v3Index(), Map.of()));
        }
        return path.startsWith(V3 + "/")
                ? Optional.of(group(request, path.substring(V3.length() + 1)))
                : Optional.empty();
    }

    private Reply group(HttpRequest request, String root) {
        Document document = openApi().v3(root).orElseThrow(ApiException::noSuchResource);
        String hash = Query.of(request.query()).text("hash");
        if (hash.isEmpty()) {
            return reply(request, document, Map.of());
        }
        if (!hash.equals(document.hash())) {
            String right = V3 + "/" + root + "?hash=" + document.hash();
            return new Reply(301, "", new byte[0], Map.of("Location", List.of(right)));
        }
        return reply(
                request,
                document,
                Map.of("Cache-Control", List.of("public, immutable, max-age=" + FOREVER.toSeconds())));
    }

    private static Reply reply(HttpRequest request, Document document, Map<String, List<String>> more) {
        String etag = '"' + document.hash() + '"';
        var headers = new HashMap<>(more);
        headers.put("ETag", List.of(etag));
        headers.put("Vary", List.of("Accept"));
        return SystemEndpoints.isKnown(request, etag)
                ? new Reply(304, "", new byte[0], headers)
                : new Reply(200, "application/json", document.json(), headers);
    }

    private OpenApi openApi() {
        OpenApi known = cached.get();
        if (known != null) {
            return known;
        }
        List<CustomSchema> custom = kinds.all().stream()
                .filter(CustomKind.class::isInstance)
                .map(CustomKind.class::cast)
                .map(kind -> new CustomSchema(kind.spec(), kind.openApiSchema()))
                .toList();
        var made = new OpenApi(builtIn, custom);
        cached = new SoftReference<>(made);
        return made;
    }
}
