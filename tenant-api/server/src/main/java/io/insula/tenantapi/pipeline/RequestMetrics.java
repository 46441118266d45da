package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.metrics.Counter;
import io.insula.tenantapi.metrics.Histogram;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import io.insula.tenantapi.registry.KindRegistry;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What the requests of one server are counted by, under their [RequestLabels]. Thread-safe. Names as in
/// kubernetes/apiserver, `endpoints/metrics`.
final class RequestMetrics {

    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };
    private static final double[] BYTES = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final double[] EVENT_BYTES = {1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072};
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final KindRegistry kinds;
    private final Counter requests;
    private final Histogram durations;
    private final Histogram sizes;
    private final Counter terminations;
    private final Counter watchEvents;
    private final Histogram watchEventSizes;
    private final Counter authentications;
    private final Counter authorizations;
    private final AtomicInteger mutating = new AtomicInteger();
    private final AtomicInteger readOnly = new AtomicInteger();
    private final Map<RequestInfo, RequestInfo> shared = new ConcurrentHashMap<>();
    private final Map<List<String>, AtomicInteger> longRunning = new ConcurrentHashMap<>();

    RequestMetrics(KindRegistry kinds, MetricRegistry registry) {
        this.kinds = kinds;
        requests = registry.counter(
                "apiserver_request_total",
                "Number of requests by verb, what they were for and how they ended",
                RequestLabels.and(RequestLabels.names("verb", "dry_run"), "code"));
        durations = registry.histogram(
                "apiserver_request_duration_seconds",
                "How long requests took",
                SECONDS,
                RequestLabels.names("verb", "dry_run"));
        sizes = registry.histogram(
                "apiserver_response_sizes", "How many bytes answers had", BYTES, RequestLabels.names("verb"));
        terminations = registry.counter(
                "apiserver_request_terminations_total",
                "Number of requests that the server ended in self-defense",
                RequestLabels.and(RequestLabels.names("verb"), "code"));
        watchEvents = registry.counter(
                "apiserver_watch_events_total", "Number of events sent to watchers", "group", "version", "resource");
        watchEventSizes = registry.histogram(
                "apiserver_watch_events_sizes",
                "How many bytes events had",
                EVENT_BYTES,
                "group",
                "version",
                "resource");
        authentications = registry.counter(
                "authentication_attempts", "Number of attempts to authenticate by how they ended", "result");
        authorizations =
                registry.counter("authorization_attempts_total", "Number of authorization decisions", "result");
        gauges(registry);
    }

    private void gauges(MetricRegistry registry) {
        registry.gauge(
                "apiserver_current_inflight_requests",
                "Requests in progress that end by themselves",
                List.of("request_kind"),
                () -> List.of(Sample.of(mutating.get(), "mutating"), Sample.of(readOnly.get(), "readOnly")));
        registry.gauge(
                "apiserver_longrunning_requests",
                "Watches and other requests that last as long as the client wants",
                List.of(RequestLabels.names("verb")),
                () -> longRunning.entrySet().stream()
                        .map(entry ->
                                new Sample(entry.getKey(), entry.getValue().get()))
                        .toList());
    }

    /// One for all requests that are counted alike: without the names that only they have.
    RequestInfo shared(RequestInfo info) {
        var alike = new RequestInfo(
                info.isResource(),
                "",
                info.verb(),
                info.group(),
                info.version(),
                info.namespace().isEmpty() ? "" : "-",
                info.resource(),
                info.subresource(),
                info.name().isEmpty() ? "" : "-",
                List.of(),
                Map.of());
        // no more than there are served resources, verbs and scopes
        RequestInfo known = shared.putIfAbsent(alike, alike);
        return known == null ? alike : known;
    }

    void began(Exchange exchange) {
        RequestInfo info = exchange.info();
        if (info.isLongRunning()) {
            running(info).incrementAndGet();
        } else {
            (info.isWrite() ? mutating : readOnly).incrementAndGet();
        }
    }

    /// The request is over, for a stream when that has ended.
    void ended(Exchange exchange) {
        RequestInfo info = exchange.info();
        if (info.isLongRunning()) {
            running(info).decrementAndGet();
        } else {
            (info.isWrite() ? mutating : readOnly).decrementAndGet();
        }
    }

    /// The answer is about to leave, or its stream has ended.
    ///
    /// @param bytes of the answer; -1 for a stream
    void answered(Exchange exchange, int status, int bytes) {
        RequestInfo info = exchange.info();
        RequestLabels labels = RequestLabels.of(info, kinds);
        String verb = RequestLabels.verb(exchange);
        String dryRun = exchange.query().text("dryRun").equals("All") ? "All" : "";
        requests.increment(RequestLabels.and(labels.values(verb, dryRun), Integer.toString(status)));
        durations.observe(exchange.ageNanos() / NANOS, labels.values(verb, dryRun));
        if (bytes >= 0 && info.isResource()) {
            sizes.observe(bytes, labels.values(verb));
        }
    }

    /// The server ended the request itself: too long, or too many.
    void terminated(Exchange exchange, int status) {
        RequestLabels labels = RequestLabels.of(exchange.info(), kinds);
        terminations.increment(
                RequestLabels.and(labels.values(RequestLabels.verb(exchange)), Integer.toString(status)));
    }

    void watchEvent(RequestInfo info, int bytes) {
        watchEvents.increment(info.group(), info.version(), info.resource());
        watchEventSizes.observe(bytes, info.group(), info.version(), info.resource());
    }

    void authenticated(boolean success) {
        authentications.increment(success ? "success" : "failure");
    }

    void authorized(boolean allowed) {
        authorizations.increment(allowed ? "allowed" : "no-opinion");
    }

    private AtomicInteger running(RequestInfo info) {
        String verb = info.verb().toUpperCase(Locale.ROOT);
        return longRunning.computeIfAbsent(
                List.of(RequestLabels.of(info, kinds).values(verb)), _ -> new AtomicInteger());
    }
}
