package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The OpenAPI documents of a server behind. Of v3 only where it is: whoever wants it is sent on. Immutable.
/// Source: kube-aggregator, `controllers/openapi/aggregator`, `controllers/openapiv3/aggregator`.
///
/// @param v3Url `/openapi/v3/apis/{group}/{version}?hash=…`; empty where there is none
/// @param etag of the v2 document
/// @param v2 the whole Swagger document, JSON; empty where there is none. The same array as long as it is the same
public record RemoteDocuments(String v3Url, String etag, byte[] v2) {

    static final RemoteDocuments NONE = new RemoteDocuments("", "", new byte[0]);

    private static final UserInfo AGGREGATOR = new UserInfo("system:aggregator", "", List.of(), Map.of());

    /// Asks a server that is known to answer; what cannot be had stays as it was.
    RemoteDocuments refreshed(RemoteCalls calls, RemoteService remote) throws InterruptedException {
        try {
            var to = calls.resolve(remote);
            String url = v3Url(calls, remote, to);
            var answer = calls.get(remote, to, "/openapi/v2", AGGREGATOR, etag);
            return switch (answer.status()) {
                case 200 -> {
                    byte[] read = answer.body();
                    yield new RemoteDocuments(url, answer.etag(), Arrays.equals(read, v2) ? v2 : read);
                }
                case 404 -> new RemoteDocuments(url, "", NONE.v2);
                default -> new RemoteDocuments(url, etag, v2);
            };
        } catch (IOException | WebhookFailure e) {
            return this;
        }
    }

    private static String v3Url(RemoteCalls calls, RemoteService remote, Destination to)
            throws IOException, InterruptedException {
        var answer = calls.get(remote, to, "/openapi/v3", AGGREGATOR, "");
        if (answer.status() != 200) {
            return "";
        }
        JsonNode index = Json.MAPPER.readTree(answer.body());
        String url = index.path("paths")
                .path(remote.root())
                .path("serverRelativeURL")
                .asText("");
        String path = "/openapi/v3/" + remote.root();
        return url.equals(path) || url.startsWith(path + "?") ? url : "";
    }
}
