package io.insula.host.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.PlainAnswer;
import io.insula.tenantapi.usage.MetricsSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the nodes that serve it what their pods have used, and makes averages of two answers. Nobody is
/// asked while nobody asks: the first question takes a second, as long as the time that it is about.
/// Thread-safe: one reader at a time.
///
/// Source: metrics-server, `pkg/storage`.
public final class NodeMetrics implements MetricsSource {

    private static final Logger LOG = LoggerFactory.getLogger(NodeMetrics.class);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    /// How old an answer may be; as often as a horizontal autoscaler asks.
    private static final Duration FRESH = Duration.ofSeconds(10);
    /// An average over more than this says nothing of now.
    private static final Duration LONGEST_WINDOW = Duration.ofMinutes(2);

    private static final Duration SHORTEST_WINDOW = Duration.ofSeconds(1);

    private final Supplier<ObjectClient> client;
    private final Supplier<SSLContext> identity;
    private final InstantSource clock;
    private Look before = Look.NONE;
    private Look last = Look.NONE;

    /// @param client the server's own; asked for at each question
    /// @param identity what nodes are shown, and whom they must be signed by
    public NodeMetrics(Supplier<ObjectClient> client, Supplier<SSLContext> identity, InstantSource clock) {
        this.client = client;
        this.identity = identity;
        this.clock = clock;
    }

    /// @param at when it was over
    private record Look(Instant at, Map<Container, Counter> counters) {
        static final Look NONE = new Look(Instant.EPOCH, Map.of());
    }

    /// @param uid of its pod
    private record Container(String node, String uid, String namespace, String pod, String name) {}

    /// @param cpuNanos since it started
    private record Counter(Instant at, long cpuNanos, long bytes) {}

    private record Sample(Container container, Window window, Usage usage) {}

    @Override
    public List<NodeUsage> nodes() {
        List<Sample> samples = samples();
        var shown = new ArrayList<NodeUsage>();
        for (ObjectNode node : servingNodes()) {
            List<Sample> own = samples.stream()
                    .filter(sample -> sample.container().node().equals(Meta.name(node)))
                    .toList();
            shown.add(new NodeUsage(Meta.name(node), Meta.labels(node), window(own), sum(own)));
        }
        return shown;
    }

    @Override
    public List<PodUsage> pods() {
        var byPod = new HashMap<String, List<Sample>>();
        samples()
                .forEach(sample -> byPod.computeIfAbsent(sample.container().uid(), _ -> new ArrayList<>())
                        .add(sample));
        var shown = new ArrayList<PodUsage>();
        for (ObjectNode pod : client.get().list(Resources.PODS, "", Query.ALL).items()) {
            List<Sample> own = byPod.getOrDefault(Meta.uid(pod), List.of());
            if (!own.isEmpty()) {
                var containers = new HashMap<String, Usage>();
                own.forEach(sample -> containers.put(sample.container().name(), sample.usage()));
                shown.add(new PodUsage(Meta.namespace(pod), Meta.name(pod), Meta.labels(pod), window(own), containers));
            }
        }
        return shown;
    }

    private Window window(List<Sample> samples) {
        return samples.stream()
                .map(Sample::window)
                .reduce((one, other) -> one.end().isAfter(other.end()) ? one : other)
                .orElseGet(() -> new Window(clock.instant(), SHORTEST_WINDOW));
    }

    private static Usage sum(List<Sample> samples) {
        return samples.stream().map(Sample::usage).reduce(Usage.NONE, Usage::plus);
    }

    private synchronized List<Sample> samples() {
        if (clock.instant().isAfter(last.at().plus(FRESH))) {
            before = last;
            last = look();
            if (Duration.between(before.at(), last.at()).compareTo(LONGEST_WINDOW) > 0) {
                before = last;
                LockSupport.parkNanos(SHORTEST_WINDOW.plusMillis(100).toNanos());
                last = look();
            }
        }
        var samples = new ArrayList<Sample>();
        last.counters().forEach((container, now) -> {
            Counter then = before.counters().get(container);
            if (then != null) {
                sample(container, then, now).ifPresent(samples::add);
            }
        });
        return samples;
    }

    /// Nothing of one that was started anew meanwhile: what it had used counts from zero again.
    private static Optional<Sample> sample(Container container, Counter then, Counter now) {
        Duration length = Duration.between(then.at(), now.at());
        if (length.isNegative() || length.isZero() || now.cpuNanos() < then.cpuNanos()) {
            return Optional.empty();
        }
        double cores = (double) (now.cpuNanos() - then.cpuNanos()) / length.toNanos();
        return Optional.of(new Sample(
                container,
                new Window(now.at(), length),
                new Usage((long) (cores * TimeUnit.SECONDS.toNanos(1)), now.bytes())));
    }

    private List<ObjectNode> servingNodes() {
        return client.get().list(Resources.NODES, "", Query.ALL).items().stream()
                .filter(node -> NodePeers.of(node, identity).isPresent())
                .toList();
    }

    private Look look() {
        var counters = new HashMap<Container, Counter>();
        for (ObjectNode node : servingNodes()) {
            NodePeers.of(node, identity).ifPresent(peer -> {
                try {
                    read(Meta.name(node), summary(peer), counters);
                } catch (IOException e) {
                    LOG.atWarn()
                            .addKeyValue("name", Meta.name(node))
                            .addKeyValue("problem", e.getMessage())
                            .log("a node does not say what its pods use");
                }
            });
        }
        return new Look(clock.instant(), counters);
    }

    private static JsonNode summary(Dial.Peer peer) throws IOException {
        try (PlainAnswer answer = Dial.send(peer, Dial.Request.get("/stats/summary"), ANSWER_WITHIN)) {
            if (answer.status() != 200) {
                throw new IOException("HTTP " + answer.status());
            }
            return Json.parse(answer.body().readAllBytes());
        }
    }

    /// Source: kubernetes, `staging/src/k8s.io/kubelet/pkg/apis/stats/v1alpha1/types.go`.
    private static void read(String node, JsonNode summary, Map<Container, Counter> into) {
        for (JsonNode pod : summary.path("pods")) {
            JsonNode ref = pod.path("podRef");
            for (JsonNode container : pod.path("containers")) {
                JsonNode cpu = container.path("cpu");
                if (cpu.has("usageCoreNanoSeconds")) {
                    into.put(
                            new Container(
                                    node,
                                    ref.path("uid").asText(),
                                    ref.path("namespace").asText(),
                                    ref.path("name").asText(),
                                    container.path("name").asText()),
                            new Counter(
                                    Instant.parse(cpu.path("time").asText()),
                                    cpu.path("usageCoreNanoSeconds").asLong(),
                                    container
                                            .path("memory")
                                            .path("workingSetBytes")
                                            .asLong()));
                }
            }
        }
    }
}
