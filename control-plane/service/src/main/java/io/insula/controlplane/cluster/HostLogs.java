package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.pipeline.PassThrough;
import io.insula.tenantapi.pipeline.RequestInfo;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The logs of a tenant's pods, read from the host pods that run for them. Which host pod that is follows from
/// the tenant, the namespace and the name, so no request can name another tenant's; the uid is checked besides,
/// as a host pod may outlive its tenant pod.
///
/// Everything else that a node serves is refused: it needs connections that speak both ways. Thread-safe.
final class HostLogs implements PassThrough {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);
    private static final Duration READ_WITHIN = Duration.ofSeconds(30);
    private static final int CHUNK_BYTES = 16 * 1024;
    /// Source: Kubernetes API reference, `PodLogOptions`, without what is about the host's own security.
    private static final Set<String> OPTIONS = Set.of(
            "container",
            "follow",
            "limitBytes",
            "pretty",
            "previous",
            "sinceSeconds",
            "sinceTime",
            "stream",
            "tailLines",
            "timestamps");

    private final NameMap names;
    private final KubernetesClient host;
    private final Supplier<ObjectClient> tenant;

    HostLogs(NameMap names, KubernetesClient host, Supplier<ObjectClient> tenant) {
        this.names = names;
        this.host = host;
        this.tenant = tenant;
    }

    @Override
    public void handle(HttpRequest request, RequestInfo info, UserInfo user, Target target, HttpResponder responder) {
        if (!target.subresource().equals("log")) {
            PassThrough.NONE.handle(request, info, user, target, responder);
            return;
        }
        ObjectNode pod = tenant.get()
                .get(PODS, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(PODS, target.name()));
        if (pod.path("spec").path("nodeName").asText("").isEmpty()) {
            // as upstream: a pod without a node has said nothing yet
            responder.send(200, Map.of("Content-Type", List.of("text/plain")), new byte[0]);
            return;
        }
        var hostName = names.hostName("Pod", target.namespace(), target.name());
        requireItsHostPod(pod, hostName);
        pass(request, target, hostName, responder);
    }

    private void requireItsHostPod(ObjectNode pod, String hostName) {
        Pod there;
        try {
            there = host.pods()
                    .inNamespace(names.tenant().hostNamespace())
                    .withName(hostName)
                    .get();
        } catch (KubernetesClientException e) {
            throw ApiException.unavailable("the shared cluster does not answer: HTTP " + e.getCode());
        }
        var annotations = there == null ? null : there.getMetadata().getAnnotations();
        if (annotations == null || !Meta.uid(pod).equals(annotations.get(InsulaLabels.UID))) {
            throw ApiException.badRequest("pod \"" + Meta.name(pod) + "\" has no logs on the shared cluster");
        }
    }

    private void pass(HttpRequest request, Target target, String hostName, HttpResponder responder) {
        var answer = ask("/api/v1/namespaces/" + names.tenant().hostNamespace() + "/pods/" + hostName + "/log"
                + query(request.query()));
        try (InputStream body = answer.body()) {
            if (!answer.isSuccessful()) {
                throw refused(answer.code(), new String(body.readAllBytes(), StandardCharsets.UTF_8), target, hostName);
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

    private ApiException refused(int code, String body, Target target, String hostName) {
        if (!body.startsWith("{")) {
            return ApiException.of(code, "InternalError", "the shared cluster answered HTTP " + code);
        }
        var told = body.replace(hostName, target.name()).replace(names.tenant().hostNamespace(), target.namespace());
        return ApiException.ofStatus(Json.parse(told.getBytes(StandardCharsets.UTF_8)));
    }

    private static String query(String raw) {
        var kept = Arrays.stream(raw.split("&", -1))
                .filter(pair -> OPTIONS.contains(pair.substring(0, Math.max(0, pair.indexOf('=')))))
                .collect(Collectors.joining("&"));
        return kept.isEmpty() ? "" : "?" + kept;
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // it is over either way
        }
    }
}
