package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.registry.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// The logs of a tenant's pods, read from the host pods that run for them. Thread-safe.
final class HostLogs {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);
    private static final Duration READ_WITHIN = Duration.ofSeconds(30);
    private static final int CHUNK_BYTES = 16 * 1024;
    /// Source: Kubernetes API reference, `PodLogOptions`, without what is about the host's own security.
    private static final Set<String> OPTIONS = Set.of(
            "follow",
            "limitBytes",
            "pretty",
            "previous",
            "sinceSeconds",
            "sinceTime",
            "stream",
            "tailLines",
            "timestamps");

    private final PodPairs pods;
    private final KubernetesClient host;

    HostLogs(PodPairs pods, KubernetesClient host) {
        this.pods = pods;
        this.host = host;
    }

    /// @param container of the tenant's pod
    /// @throws ApiException what the host refuses, in the tenant's words
    void pass(HttpRequest request, Target target, String hostName, String container, HttpResponder responder) {
        var answer = ask("/api/v1/namespaces/" + pods.namespace() + "/pods/" + hostName + "/log?container="
                + URLEncoder.encode(container, StandardCharsets.UTF_8) + query(request.query()));
        try (InputStream body = answer.body()) {
            if (!answer.isSuccessful()) {
                throw pods.refused(answer.code(), body.readAllBytes(), target, hostName);
            }
            var type = answer.header("Content-Type");
            try (var stream =
                    responder.stream(200, Map.of("Content-Type", List.of(type == null ? "text/plain" : type)))) {
                stream.onClose(() -> close(body));
                copy(body, stream);
            }
        } catch (IOException e) {
            // the host, or the reader, ended it: what has been said stands
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(InputStream from, HttpResponder.BodyStream to) throws IOException, InterruptedException {
        var chunk = new byte[CHUNK_BYTES];
        for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
            if (!to.write(Arrays.copyOf(chunk, read)) || !to.awaitRoom(READ_WITHIN)) {
                return;
            }
        }
    }

    private HttpResponse<InputStream> ask(String path) {
        var url = host.getMasterUrl().toString();
        var request = host.getHttpClient()
                .newHttpRequestBuilder()
                .uri((url.endsWith("/") ? url.substring(0, url.length() - 1) : url) + path)
                .build();
        var answer = host.getHttpClient().sendAsync(request, InputStream.class);
        try {
            return answer.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("interrupted");
        } catch (ExecutionException | TimeoutException e) {
            answer.cancel(true);
            throw ApiException.unavailable("the shared cluster does not answer");
        }
    }

    private static String query(String raw) {
        var kept = Arrays.stream(raw.split("&", -1))
                .filter(pair -> OPTIONS.contains(pair.substring(0, Math.max(0, pair.indexOf('=')))))
                .collect(Collectors.joining("&"));
        return kept.isEmpty() ? "" : "&" + kept;
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // it is over either way
        }
    }
}
