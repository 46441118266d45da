package io.insula.tenantapi.flowcontrol;

import io.insula.tenantapi.metrics.Counter;
import io.insula.tenantapi.metrics.Histogram;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/// What flow control tells of itself. Thread-safe. Names and labels as in kubernetes/apiserver,
/// `util/flowcontrol/metrics`.
final class FlowMetrics {

    private static final double[] SECONDS = {0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30};
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final List<String> LEVEL = List.of("priority_level");
    private static final List<String> FLOW = List.of("priority_level", "flow_schema");

    private final Counter rejected;
    private final Counter dispatched;
    private final Histogram waited;
    private final Histogram executed;
    private final Map<List<String>, AtomicInteger> waiting = new ConcurrentHashMap<>();
    private final Map<List<String>, AtomicInteger> executing = new ConcurrentHashMap<>();

    FlowMetrics(MetricRegistry registry, Supplier<Collection<Level>> levels) {
        rejected = registry.counter(
                name("rejected_requests_total"),
                "Number of requests that flow control refused",
                "priority_level",
                "flow_schema",
                "reason");
        dispatched = registry.counter(
                name("dispatched_requests_total"),
                "Number of requests that flow control let through",
                "priority_level",
                "flow_schema");
        waited = registry.histogram(
                name("request_wait_duration_seconds"),
                "How long requests spent in a queue",
                SECONDS,
                "priority_level",
                "flow_schema",
                "execute");
        executed = registry.histogram(
                name("request_execution_seconds"),
                "How long requests held their seats",
                SECONDS,
                "priority_level",
                "flow_schema");
        registry.gauge(name("current_inqueue_requests"), "Requests in queues now", FLOW, () -> samples(waiting));
        registry.gauge(name("current_executing_requests"), "Requests with a seat now", FLOW, () -> samples(executing));
        level(
                registry,
                levels,
                "nominal_limit_seats",
                "Seats of a level by its shares",
                l -> l.seats().nominal());
        level(
                registry,
                levels,
                "lower_limit_seats",
                "Seats that a level keeps",
                l -> l.seats().least());
        level(
                registry,
                levels,
                "upper_limit_seats",
                "Seats that a level may have",
                l -> l.seats().most());
        level(registry, levels, "current_limit_seats", "Seats of a level now", Level::current);
        level(
                registry,
                levels,
                "current_executing_seats",
                "Seats in use now",
                l -> l.queues().load().seatsInUse());
        level(
                registry,
                levels,
                "current_inqueue_seats",
                "Seats that queued requests want",
                l -> l.queues().load().seatsWaiting());
    }

    void waiting(Level level, FlowSchema schema, int change) {
        count(waiting, level, schema, change);
    }

    void started(Level level, FlowSchema schema, long waitedNanos) {
        count(executing, level, schema, 1);
        dispatched.increment(level.config().name(), schema.name());
        waited.observe(waitedNanos / NANOS, level.config().name(), schema.name(), "true");
    }

    void ended(Level level, FlowSchema schema, long executedNanos) {
        count(executing, level, schema, -1);
        executed.observe(executedNanos / NANOS, level.config().name(), schema.name());
    }

    void refused(Level level, FlowSchema schema, String reason, long waitedNanos) {
        rejected.increment(level.config().name(), schema.name(), reason);
        waited.observe(waitedNanos / NANOS, level.config().name(), schema.name(), "false");
    }

    private static void count(Map<List<String>, AtomicInteger> all, Level level, FlowSchema schema, int change) {
        all.computeIfAbsent(List.of(level.config().name(), schema.name()), key -> new AtomicInteger())
                .addAndGet(change);
    }

    private static List<Sample> samples(Map<List<String>, AtomicInteger> all) {
        return all.entrySet().stream()
                .map(entry -> new Sample(entry.getKey(), entry.getValue().get()))
                .toList();
    }

    private static void level(
            MetricRegistry registry,
            Supplier<Collection<Level>> levels,
            String name,
            String help,
            ToIntFunction<Level> value) {
        registry.gauge(
                name(name),
                help,
                LEVEL,
                () -> levels.get().stream()
                        .map(level -> Sample.of(
                                value.applyAsInt(level), level.config().name()))
                        .toList());
    }

    private static String name(String rest) {
        return "apiserver_flowcontrol_" + rest;
    }
}
