package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.host.nodes.ProxyTarget;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.Proxies;
import io.insula.tenantapi.http.Upgrades;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.PlainAnswer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The `proxy` of a tenant's pods and Services, by that of the host's that stand for them. Thread-safe.
final class HostProxy {

    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);

    private static final int REFUSAL_BYTES = 1024 * 1024;

    private final NameMap names;
    private final KubernetesClient host;
    private final PodPairs pods;
    private final HostDial dial;
    private final Supplier<ObjectClient> tenant;

    HostProxy(NameMap names, KubernetesClient host, PodPairs pods, HostDial dial, Supplier<ObjectClient> tenant) {
        this.names = names;
        this.host = host;
        this.pods = pods;
        this.dial = dial;
        this.tenant = tenant;
    }

    void pass(HttpRequest request, Target target, HttpResponder responder) {
        ProxyTarget wanted = ProxyTarget.of(target.name(), request.path());
        var named = new Target(target.kind(), target.namespace(), wanted.name(), target.subresource());
        boolean ofPod = target.kind().spec().gvr().equals(PodPairs.PODS);
        String hostName = ofPod ? pods.nameOf(pods.tenantPod(named), named) : service(named);
        Optional<String> redirect = wanted.redirect(request);
        if (redirect.isPresent()) {
            responder.send(301, Map.of("Location", List.of(redirect.get())), new byte[0]);
            return;
        }
        String segment = URLEncoder.encode(wanted.named(hostName), StandardCharsets.UTF_8);
        String prefix =
                "/api/v1/namespaces/" + pods.namespace() + (ofPod ? "/pods/" : "/services/") + segment + "/proxy";
        String query = request.query().isEmpty() ? "" : "?" + request.query();
        try {
            String ours = wanted.prefix(request.path());
            String theirs = dial.target(prefix);
            ask(
                    request,
                    theirs + wanted.path() + query,
                    to -> to.startsWith(theirs) ? ours + to.substring(theirs.length()) : to,
                    said -> said.replace(hostName, wanted.name()).replace(pods.namespace(), target.namespace()),
                    responder);
        } catch (IOException e) {
            throw ApiException.unavailable("the shared cluster does not answer");
        }
    }

    private void ask(
            HttpRequest request,
            String path,
            UnaryOperator<String> location,
            UnaryOperator<String> words,
            HttpResponder responder)
            throws IOException {
        if (request.asksForUpgrade()) {
            switch (Upgrades.ask(request, dial.peer(), request.method(), path, dial.headers())) {
                case Dial.Answer.Refused(int status, var headers, byte[] body) ->
                    responder.send(status, Map.of("Content-Type", type(headers)), told(body, words));
                case Dial.Answer.Upgraded upgraded -> Upgrades.join(responder, upgraded);
            }
            return;
        }
        var headers = new LinkedHashMap<>(Proxies.passed(request));
        headers.putAll(dial.headers());
        var asked = new Dial.Request(request.method(), path, headers, request.body());
        try (PlainAnswer answer = Dial.send(dial.peer(), asked, ANSWER_WITHIN)) {
            if (answer.status() >= 400 && type(answer.headers()).getFirst().startsWith("application/json")) {
                // the host's own refusal, or like one
                byte[] said = answer.body().readNBytes(REFUSAL_BYTES);
                responder.send(answer.status(), Map.of("Content-Type", type(answer.headers())), told(said, words));
            } else {
                Proxies.answer(request, answer, location, responder);
            }
        }
    }

    private static List<String> type(Map<String, List<String>> headers) {
        return headers.getOrDefault("content-type", List.of("text/plain; charset=utf-8"));
    }

    private static byte[] told(byte[] said, UnaryOperator<String> words) {
        return words.apply(new String(said, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
    }

    /// The name of the host's Service that stands for this very one.
    private String service(Target target) {
        ObjectNode service = tenant.get()
                .get(SERVICES, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(SERVICES, target.name()));
        String hostName = names.hostName("Service", target.namespace(), target.name());
        try {
            var there = host.services()
                    .inNamespace(pods.namespace())
                    .withName(hostName)
                    .get();
            var annotations = there == null ? null : there.getMetadata().getAnnotations();
            if (annotations == null || !Meta.uid(service).equals(annotations.get(InsulaLabels.UID))) {
                throw ApiException.unavailable("no endpoints available for service \"" + target.name() + "\"");
            }
        } catch (KubernetesClientException e) {
            throw ApiException.unavailable("the shared cluster does not answer: HTTP " + e.getCode());
        }
        return hostName;
    }
}
