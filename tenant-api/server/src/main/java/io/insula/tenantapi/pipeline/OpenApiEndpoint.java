package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.aggregation.RemoteService;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.openapi.BuiltInDocuments;
import io.insula.tenantapi.openapi.CustomSchema;
import io.insula.tenantapi.openapi.Document;
import io.insula.tenantapi.openapi.OpenApi;
import io.insula.tenantapi.openapi.RemoteApi;
import io.insula.tenantapi.openapi.V2Document;
import io.insula.tenantapi.registry.CustomKind;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ResourceKind;
import java.lang.ref.SoftReference;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `/openapi/v2`, in JSON and protobuf, and `/openapi/v3…`, in JSON, of what is served now. Thread-safe.
/// Source: kube-openapi, `pkg/handler` and `pkg/handler3`.
public final class OpenApiEndpoint implements Endpoint {

    private static final String V3 = "/openapi/v3";
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final Reply NOT_ACCEPTABLE = new Reply(406, "", new byte[0], Map.of("Vary", List.of("Accept")));

    private final KindRegistry kinds;
    private final BuiltInDocuments builtIn;
    private final Supplier<List<RemoteService>> behind;
    private volatile SoftReference<@Nullable Known> cached = new SoftReference<>(null);

    /// @param behind what is served behind this server; another list, or one that is equal
    public OpenApiEndpoint(KindRegistry kinds, BuiltInDocuments builtIn, Supplier<List<RemoteService>> behind) {
        this.kinds = kinds;
        this.builtIn = builtIn;
        this.behind = behind;
    }

    @Override
    public Optional<Reply> answer(HttpRequest request) {
        String path = request.path();
        if (path.equals("/openapi/v2")) {
            return Optional.of(OpenApiForm.choose(request.headers("accept"), true)
                    .map(form -> v2(request, form))
                    .orElse(NOT_ACCEPTABLE));
        }
        if (path.equals(V3) || path.equals(V3 + "/")) {
            // whatever the client accepts, as upstream
            return Optional.of(v3(request, openApi().v3Index(), Map.of()));
        }
        return path.startsWith(V3 + "/")
                ? Optional.of(group(request, path.substring(V3.length() + 1)))
                : Optional.empty();
    }

    private Reply v2(HttpRequest request, OpenApiForm form) {
        V2Document document = openApi().v2();
        return reply(request, document.hash(), form, Map.of(), () -> switch (form) {
            case JSON -> document.json();
            case PROTOBUF -> document.protobuf();
        });
    }

    private Reply group(HttpRequest request, String root) {
        Document document = openApi().v3(root).orElseThrow(ApiException::noSuchResource);
        if (OpenApiForm.choose(request.headers("accept"), false).isEmpty()) {
            return NOT_ACCEPTABLE;
        }
        String hash = Query.of(request.query()).text("hash");
        if (hash.isEmpty()) {
            return v3(request, document, Map.of());
        }
        if (!hash.equals(document.hash())) {
            String right = V3 + "/" + root + "?hash=" + document.hash();
            return new Reply(301, "", new byte[0], Map.of("Location", List.of(right)));
        }
        return v3(
                request,
                document,
                Map.of("Cache-Control", List.of("public, immutable, max-age=" + FOREVER.toSeconds())));
    }

    private static Reply v3(HttpRequest request, Document document, Map<String, List<String>> more) {
        return reply(request, document.hash(), OpenApiForm.JSON, more, document::json);
    }

    private static Reply reply(
            HttpRequest request, String hash, OpenApiForm form, Map<String, List<String>> more, Supplier<byte[]> body) {
        String etag = '"' + hash + '"';
        var headers = new HashMap<>(more);
        headers.put("ETag", List.of(etag));
        headers.put("Vary", List.of("Accept"));
        return SystemEndpoints.isKnown(request, etag)
                ? new Reply(304, "", new byte[0], headers)
                : new Reply(200, form.contentType(), body.get(), headers);
    }

    private OpenApi openApi() {
        List<ResourceKind> now = kinds.all();
        Known known = cached.get();
        List<RemoteApi> remote = behind.get().stream()
                .map(each -> new RemoteApi(
                        each.root(),
                        each.told().documents().v3Url(),
                        each.told().documents().v2()))
                .toList();
        if (known != null && known.kinds().equals(now) && known.behind().equals(remote)) {
            return known.documents();
        }
        List<CustomSchema> custom = now.stream()
                .filter(CustomKind.class::isInstance)
                .map(CustomKind.class::cast)
                .map(kind -> new CustomSchema(kind.spec(), kind.openApiSchema()))
                .toList();
        var made = new Known(now, remote, new OpenApi(builtIn, custom, remote));
        cached = new SoftReference<>(made);
        return made.documents();
    }

    /// @param kinds the registry's list, which is another one after each change
    /// @param behind compared by the documents themselves, which stay the same arrays until they change
    private record Known(List<ResourceKind> kinds, List<RemoteApi> behind, OpenApi documents) {}
}
