package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.aggregation.Aggregation;
import io.insula.tenantapi.aggregation.RemoteService;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.discovery.Discovery;
import io.insula.tenantapi.discovery.RemoteVersion;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.Negotiation.Choice;
import io.insula.tenantapi.wire.WireCodec;
import io.insula.tenantapi.wire.WireFormat;
import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Discovery, legacy and aggregated, of what is served now. Keeps the last documents only as long as memory allows.
/// Thread-safe.
public final class DiscoveryEndpoint implements Endpoint {

    private static final String GROUP = "apidiscovery.k8s.io";

    private final KindRegistry kinds;
    private final WireCodec codec;
    private final Aggregation aggregation;
    private volatile SoftReference<@Nullable Known> cached = new SoftReference<>(null);

    /// @param aggregation knows what is served behind this server
    public DiscoveryEndpoint(KindRegistry kinds, WireCodec codec, Aggregation aggregation) {
        this.kinds = kinds;
        this.codec = codec;
        this.aggregation = aggregation;
    }

    /// Every path that answers.
    public List<String> paths() {
        return discovery().paths();
    }

    @Override
    public Optional<Reply> answer(HttpRequest request) {
        String path = request.path().length() > 1 && request.path().endsWith("/")
                ? request.path().substring(0, request.path().length() - 1)
                : request.path();
        if (!path.equals("/api") && !path.startsWith("/api/") && !path.equals("/apis") && !path.startsWith("/apis/")) {
            return Optional.empty();
        }
        SystemEndpoints.requireGet(request);
        if (path.equals("/api") || path.equals("/apis")) {
            Choice choice = choose(request, true);
            if (!choice.as().isEmpty()) {
                return Optional.of(aggregated(request, path, choice));
            }
        }
        ObjectNode document = discovery().legacy(path).orElseThrow(ApiException::noSuchResource);
        Choice choice = choose(request, false);
        return Optional.of(new Reply(200, choice.contentTypeWithKind(), encode(document, choice), Map.of()));
    }

    private Reply aggregated(HttpRequest request, String path, Choice choice) {
        byte[] body = Json.bytes(discovery().aggregated(path));
        String etag = Discovery.etag(body);
        Map<String, List<String>> headers =
                Map.of("ETag", List.of(etag), "Vary", List.of("Accept"), "Cache-Control", List.of("public"));
        return SystemEndpoints.isKnown(request, etag)
                ? new Reply(304, "", new byte[0], headers)
                : new Reply(200, choice.contentTypeWithKind(), body, headers);
    }

    private byte[] encode(JsonNode document, Choice choice) {
        return codec.encode(document, choice.format(), false);
    }

    private static Choice choose(HttpRequest request, boolean aggregated) {
        return Negotiation.choose(
                request.headers("accept"),
                List.of(WireFormat.JSON, WireFormat.YAML),
                asked -> aggregated
                        && asked.format() == WireFormat.JSON
                        && asked.as().equals("APIGroupDiscoveryList")
                        && asked.group().equals(GROUP)
                        && asked.version().equals("v2"));
    }

    private Discovery discovery() {
        List<ResourceKind> now = kinds.all();
        List<RemoteService> behind = aggregation.remotes();
        Known known = cached.get();
        if (known != null && known.kinds().equals(now) && known.behind().equals(behind)) {
            return known.discovery();
        }
        var discovery = new Discovery(
                now.stream().map(ResourceKind::spec).toList(),
                behind.stream().map(DiscoveryEndpoint::version).toList());
        var made = new Known(now, behind, discovery);
        cached = new SoftReference<>(made);
        return made.discovery();
    }

    private static RemoteVersion version(RemoteService remote) {
        return new RemoteVersion(
                remote.group(),
                remote.version(),
                remote.groupPriority(),
                remote.versionPriority(),
                remote.told().available(),
                remote.told().resources());
    }

    /// @param kinds the registry's list, which is another one after each change
    /// @param behind what was served behind
    private record Known(List<ResourceKind> kinds, List<RemoteService> behind, Discovery discovery) {}
}
