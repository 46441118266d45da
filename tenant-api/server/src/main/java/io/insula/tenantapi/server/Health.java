package io.insula.tenantapi.server;

import io.insula.tenantapi.aggregation.Progress;
import io.insula.tenantapi.metrics.Counter;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import io.insula.tenantapi.pipeline.HealthEndpoint;
import io.insula.tenantapi.pipeline.HealthEndpoint.Check;
import io.insula.tenantapi.storage.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a server knows of its own health. Thread-safe. The names of the checks are upstream's, as far as there is
/// such a part here.
final class Health {

    /// Anybody may ask for health: the store hears of it at most once in this time.
    private static final Duration ETCD_CACHE = Duration.ofSeconds(1);

    /// What a server does before it takes requests.
    enum Step {
        DEFINITIONS,
        BOOTSTRAP,
        FLOW_CONTROL,
        CLUSTER_IPS;

        private List<String> checks() {
            return switch (this) {
                case DEFINITIONS ->
                    List.of(
                            "poststarthook/storage-readiness",
                            "poststarthook/generic-apiserver-start-informers",
                            "poststarthook/start-apiextensions-informers",
                            "poststarthook/start-apiextensions-controllers",
                            "poststarthook/crd-informer-synced");
                case BOOTSTRAP ->
                    List.of(
                            "poststarthook/rbac/bootstrap-roles",
                            "poststarthook/start-system-namespaces-controller",
                            "poststarthook/start-cluster-authentication-info-controller",
                            "poststarthook/start-apiserver-admission-initializer",
                            "poststarthook/scheduling/bootstrap-system-priority-classes",
                            "poststarthook/bootstrap-controller");
                case FLOW_CONTROL ->
                    List.of(
                            "poststarthook/priority-and-fairness-config-consumer",
                            "poststarthook/priority-and-fairness-config-producer");
                case CLUSTER_IPS -> List.of("poststarthook/start-service-ip-repair-controllers");
            };
        }
    }

    private final Storage storage;
    private final MetricRegistry indicators = new MetricRegistry();
    private final Counter checks;
    private final Map<List<String>, Boolean> last = new ConcurrentHashMap<>();
    private final Set<Step> done = EnumSet.noneOf(Step.class);
    private final ReentrantLock etcdLock = new ReentrantLock();
    private long etcdAskedNanos;
    private boolean etcdAsked;
    private @Nullable RuntimeException etcdFault;
    private volatile boolean stopping;

    Health(Storage storage) {
        this.storage = storage;
        checks = indicators.counter(
                "kubernetes_healthchecks_total", "Number of health checks by how they went", "name", "type", "status");
        indicators.gauge(
                "kubernetes_healthcheck", "How each health check last went", List.of("name", "type"), this::last);
    }

    /// What `/metrics/slis` tells. Source: kubernetes/component-base, `metrics/prometheus/slis`.
    MetricRegistry indicators() {
        return indicators;
    }

    private void checked(String root, String check, boolean well) {
        checks.increment(check, root, well ? "success" : "error");
        last.put(List.of(check, root), well);
    }

    private List<Sample> last() {
        return last.entrySet().stream()
                .map(entry -> new Sample(entry.getKey(), Boolean.TRUE.equals(entry.getValue()) ? 1 : 0))
                .toList();
    }

    void done(Step step) {
        synchronized (done) {
            done.add(step);
        }
    }

    /// From now on the server is not ready for new clients.
    void stopping() {
        stopping = true;
    }

    /// @param steps those that this server has
    /// @param aggregation its progress
    HealthEndpoint endpoint(Set<Step> steps, Supplier<Progress> aggregation) {
        var ping = new Check("ping", () -> {});
        var etcd = new Check("etcd", this::askedEtcd);
        var log = new Check("log", () -> {});
        var hooks = Stream.concat(
                        steps.stream()
                                .flatMap(step ->
                                        step.checks().stream().map(name -> new Check(name, () -> require(step)))),
                        aggregation(aggregation))
                .toList();
        var alive = new ArrayList<>(List.of(ping, log, etcd));
        alive.addAll(hooks);
        var ready = new ArrayList<>(List.of(
                ping,
                log,
                etcd,
                new Check("etcd-readiness", this::requireWritable),
                new Check("informer-sync", () -> require(Step.DEFINITIONS))));
        ready.addAll(hooks);
        ready.add(new Check("shutdown", this::requireRunning));
        return new HealthEndpoint(alive, alive, ready, this::checked);
    }

    private static Stream<Check> aggregation(Supplier<Progress> progress) {
        return Stream.of(
                        Stream.of("poststarthook/start-kube-aggregator-informers")
                                .map(name -> new Check(
                                        name, () -> require(progress.get().listed()))),
                        Stream.of(
                                        "poststarthook/kube-apiserver-autoregistration",
                                        "poststarthook/apiservice-status-local-available-controller")
                                .map(name -> new Check(
                                        name, () -> require(progress.get().registered()))),
                        Stream.of(
                                        "poststarthook/apiservice-registration-controller",
                                        "poststarthook/apiservice-status-remote-available-controller",
                                        "poststarthook/apiservice-discovery-controller",
                                        "poststarthook/apiservice-openapi-controller",
                                        "poststarthook/apiservice-openapiv3-controller")
                                .map(name -> new Check(
                                        name, () -> require(progress.get().looking()))),
                        Stream.of(new Check("autoregister-completion", () -> requireComplete(progress.get()))))
                .flatMap(each -> each);
    }

    private static void requireComplete(Progress progress) {
        if (!progress.isComplete()) {
            throw new IllegalStateException(progress.toString());
        }
    }

    private void require(Step step) {
        synchronized (done) {
            require(done.contains(step));
        }
    }

    private static void require(boolean finished) {
        if (!finished) {
            throw new IllegalStateException("not finished");
        }
    }

    private void requireRunning() {
        if (stopping) {
            throw new IllegalStateException("process is shutting down");
        }
    }

    /// A store that takes no writes is alive, but not ready.
    private void requireWritable() {
        askedEtcd();
        storage.readOnlyBecause().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
    }

    /// Asks etcd, not more often than every few seconds.
    ///
    /// @throws IllegalStateException when it does not answer
    void askedEtcd() {
        etcdLock.lock();
        try {
            long now = System.nanoTime();
            if (!etcdAsked || now - etcdAskedNanos > ETCD_CACHE.toNanos()) {
                etcdFault = askEtcd();
                etcdAsked = true;
                etcdAskedNanos = System.nanoTime();
            }
            if (etcdFault != null) {
                throw new IllegalStateException("etcd failed: " + etcdFault.getMessage(), etcdFault);
            }
        } finally {
            etcdLock.unlock();
        }
    }

    private @Nullable RuntimeException askEtcd() {
        try {
            storage.currentRevision();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }
}
