package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.metrics.Counter;
import io.insula.tenantapi.metrics.Histogram;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSpec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What the requests of one server are counted by. Label values come from what is served, never from what a client
/// makes up. Thread-safe. Names and labels as in kubernetes/apiserver, `endpoints/metrics`.
final class RequestMetrics {

    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };
    private static final double[] BYTES = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final double[] EVENT_BYTES = {1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072};
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String COMPONENT = "apiserver";
    private static final Set<String> PATHS = Set.of("/healthz", "/livez", "/readyz", "/version", "/metrics");
    private static final Set<String> METHODS = Set.of("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS");

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
                "verb",
                "dry_run",
                "group",
                "version",
                "resource",
                "subresource",
                "scope",
                "component",
                "code");
        durations = registry.histogram(
                "apiserver_request_duration_seconds",
                "How long requests took",
                SECONDS,
                "verb",
                "dry_run",
                "group",
                "version",
                "resource",
                "subresource",
                "scope",
                "component");
        sizes = registry.histogram(
                "apiserver_response_sizes",
                "How many bytes answers had",
                BYTES,
                "verb",
                "group",
                "version",
                "resource",
                "subresource",
                "scope",
                "component");
        terminations = registry.counter(
                "apiserver_request_terminations_total",
                "Number of requests that the server ended in self-defense",
                "verb",
                "group",
                "version",
                "resource",
                "subresource",
                "scope",
                "component",
                "code");
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
                List.of("verb", "group", "version", "resource", "subresource", "scope", "component"),
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
        Labels labels = labels(info);
        String verb = verb(exchange);
        String dryRun = exchange.query().text("dryRun").equals("All") ? "All" : "";
        String code = Integer.toString(status);
        requests.increment(
                verb,
                dryRun,
                labels.group(),
                labels.version(),
                labels.resource(),
                labels.subresource(),
                labels.scope(),
                COMPONENT,
                code);
        durations.observe(
                exchange.ageNanos() / NANOS,
                verb,
                dryRun,
                labels.group(),
                labels.version(),
                labels.resource(),
                labels.subresource(),
                labels.scope(),
                COMPONENT);
        if (bytes >= 0 && info.isResource()) {
            sizes.observe(
                    bytes,
                    verb,
                    labels.group(),
                    labels.version(),
                    labels.resource(),
                    labels.subresource(),
                    labels.scope(),
                    COMPONENT);
        }
    }

    /// The server ended the request itself: too long, or too many.
    void terminated(Exchange exchange, int status) {
        Labels labels = labels(exchange.info());
        terminations.increment(
                verb(exchange),
                labels.group(),
                labels.version(),
                labels.resource(),
                labels.subresource(),
                labels.scope(),
                COMPONENT,
                Integer.toString(status));
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
        Labels labels = labels(info);
        return longRunning.computeIfAbsent(
                List.of(
                        info.verb().toUpperCase(Locale.ROOT),
                        labels.group(),
                        labels.version(),
                        labels.resource(),
                        labels.subresource(),
                        labels.scope(),
                        COMPONENT),
                key -> new AtomicInteger());
    }

    private record Labels(String group, String version, String resource, String subresource, String scope) {}

    private Labels labels(RequestInfo info) {
        if (!info.isResource()) {
            return new Labels("", "", "", PATHS.contains(info.path()) ? info.path() : "", "");
        }
        var kind = kinds.find(info.gvr());
        if (kind.isEmpty()) {
            return new Labels("", "", "", "", "");
        }
        String subresource =
                info.isLongRunning() || isKnown(kind.get().spec(), info.subresource()) ? info.subresource() : "";
        return new Labels(info.group(), info.version(), info.resource(), subresource, scope(info));
    }

    private static boolean isKnown(KindSpec spec, String subresource) {
        return spec.findSubresource(subresource).isPresent();
    }

    private static String scope(RequestInfo info) {
        if (!info.name().isEmpty() || info.verb().equals("create")) {
            return "resource";
        }
        return info.namespace().isEmpty() ? "cluster" : "namespace";
    }

    private static String verb(Exchange exchange) {
        RequestInfo info = exchange.info();
        if (!info.isResource()) {
            String method = exchange.request().method();
            return METHODS.contains(method) ? method : "other";
        }
        return switch (info.verb()) {
            case "get", "list", "watch", "deletecollection", "delete" ->
                info.verb().toUpperCase(Locale.ROOT);
            case "create" -> "POST";
            case "update" -> "PUT";
            case "patch" ->
                exchange.request().header("content-type").orElse("").startsWith("application/apply-patch")
                        ? "APPLY"
                        : "PATCH";
            default -> "other";
        };
    }
}
