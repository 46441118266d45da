package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.rules.resources.Quantity;
import io.insula.syncer.engine.NameMap;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.usage.MetricsSource;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;

/// What a tenant's pods use, as the shared cluster has it, in the tenant's names. Of a node the tenant is
/// told what its own pods use there: how busy others are is not its business. Thread-safe: holds no state.
public final class HostMetrics implements MetricsSource {

    private static final GroupVersionResource NODES = new GroupVersionResource("", "v1", "nodes");
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

    private final NameMap names;
    private final KubernetesClient host;
    private final Supplier<ObjectClient> tenant;

    /// @param names of the one tenant that this serves
    /// @param host the shared cluster, with the right to read `pods.metrics.k8s.io` in the tenant's host
    ///     namespace
    /// @param tenant the tenant's own API; asked for at each question
    public HostMetrics(NameMap names, KubernetesClient host, Supplier<ObjectClient> tenant) {
        this.names = names;
        this.host = host;
        this.tenant = tenant;
    }

    @Override
    public List<PodUsage> pods() {
        return of(tenantPods());
    }

    @Override
    public List<NodeUsage> nodes() {
        List<ObjectNode> pods = tenantPods();
        var nodeOf = new HashMap<String, String>();
        pods.forEach(pod -> nodeOf.put(key(Meta.namespace(pod), Meta.name(pod)), nodeName(pod)));
        var used = new HashMap<String, Usage>();
        var windows = new HashMap<String, Window>();
        for (PodUsage pod : of(pods)) {
            String node = nodeOf.getOrDefault(key(pod.namespace(), pod.name()), "");
            used.merge(node, pod.total(), Usage::plus);
            windows.put(node, pod.window());
        }
        var shown = new ArrayList<NodeUsage>();
        for (ObjectNode node : tenant.get().list(NODES, "", Query.ALL).items()) {
            Window window = windows.get(Meta.name(node));
            if (window != null) {
                shown.add(new NodeUsage(
                        Meta.name(node), Meta.labels(node), window, used.getOrDefault(Meta.name(node), Usage.NONE)));
            }
        }
        return shown;
    }

    private List<PodUsage> of(List<ObjectNode> pods) {
        var byHostName = new HashMap<String, JsonNode>();
        for (JsonNode sample : hostSamples()) {
            byHostName.put(sample.path("metadata").path("name").asText(), sample);
        }
        var shown = new ArrayList<PodUsage>();
        for (ObjectNode pod : pods) {
            JsonNode sample = byHostName.get(names.hostName("Pod", Meta.namespace(pod), Meta.name(pod)));
            if (sample != null) {
                shown.add(usage(pod, sample));
            }
        }
        return shown;
    }

    private List<ObjectNode> tenantPods() {
        return tenant.get().list(PodPairs.PODS, "", Query.ALL).items();
    }

    private JsonNode hostSamples() {
        String path =
                "/apis/metrics.k8s.io/v1beta1/namespaces/" + names.tenant().hostNamespace() + "/pods";
        try {
            String said = host.raw(path);
            if (said == null) {
                throw ApiException.unavailable("the shared cluster has no metrics");
            }
            return Json.parse(said.getBytes(StandardCharsets.UTF_8)).path("items");
        } catch (KubernetesClientException e) {
            throw ApiException.unavailable("the shared cluster does not tell metrics: HTTP " + e.getCode());
        }
    }

    private static PodUsage usage(ObjectNode pod, JsonNode sample) {
        var containers = new HashMap<String, Usage>();
        for (JsonNode container : sample.path("containers")) {
            JsonNode usage = container.path("usage");
            containers.put(
                    container.path("name").asText(),
                    new Usage(
                            quantity(usage.path("cpu")).multiply(NANOS).longValue(),
                            quantity(usage.path("memory")).longValue()));
        }
        return new PodUsage(Meta.namespace(pod), Meta.name(pod), Meta.labels(pod), window(sample), containers);
    }

    private static BigDecimal quantity(JsonNode text) {
        return Quantity.orZero(text.asText("")).value();
    }

    private static Window window(JsonNode sample) {
        // as Go writes durations: 1m2.5s
        Duration length = Duration.parse("PT" + sample.path("window").asText("0s"));
        return new Window(Instant.parse(sample.path("timestamp").asText()), length);
    }

    private static String nodeName(ObjectNode pod) {
        return pod.path("spec").path("nodeName").asText("");
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
