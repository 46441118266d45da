package io.insula.tenantapi.flowcontrol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.flowcontrol.QueueSet.Entered;
import io.insula.tenantapi.flowcontrol.QueueSet.Entry;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Admits the requests of one server, by the FlowSchema and PriorityLevelConfiguration objects that it was last
/// given. Thread-safe: requests read an immutable image; `lock` is for those who change it.
public final class FlowControl {

    /// Source: kubernetes/apiserver, `borrowingAdjustmentPeriod`.
    private static final long ADJUST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int serverSeats;
    private final LongSupplier nanoTime;
    private final BiConsumer<Runnable, Duration> later;
    private final Predicate<UserInfo> exempt;
    private final FlowMetrics metrics;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong adjustedNanos;
    private volatile Image image;

    /// @param schemas in the order in which they are asked; every level named is there
    private record Image(List<FlowSchema> schemas, Map<String, Level> levels) {}

    /// @param serverSeats all that may be executed at once, in seats
    /// @param nanoTime any clock that only goes forward
    /// @param later runs something quick after a while
    public FlowControl(
            int serverSeats, LongSupplier nanoTime, BiConsumer<Runnable, Duration> later, MetricRegistry registry) {
        this(serverSeats, nanoTime, later, registry, _ -> false);
    }

    /// @param exempt who never waits, whatever the objects say
    public FlowControl(
            int serverSeats,
            LongSupplier nanoTime,
            BiConsumer<Runnable, Duration> later,
            MetricRegistry registry,
            Predicate<UserInfo> exempt) {
        this.exempt = exempt;
        this.later = later;
        this.serverSeats = serverSeats;
        this.nanoTime = nanoTime;
        this.adjustedNanos = new AtomicLong(nanoTime.getAsLong());
        this.image = new Image(List.of(), Map.of());
        configure(List.of(), List.of());
        this.metrics = new FlowMetrics(registry, () -> image.levels().values());
    }

    /// Works by these objects from now on. Those that must exist are stood in for where they do not; a schema that
    /// names no known level is passed over. Requests in progress stay where they are.
    ///
    /// @param levels PriorityLevelConfiguration objects
    /// @param schemas FlowSchema objects
    public void configure(List<ObjectNode> levels, List<ObjectNode> schemas) {
        lock.lock();
        try {
            Map<String, PriorityLevel> wanted = Mandatory.levels();
            levels.forEach(object -> {
                var level = PriorityLevel.of(object);
                wanted.put(level.name(), level);
            });
            int shares =
                    wanted.values().stream().mapToInt(PriorityLevel::shares).sum();
            var running = new LinkedHashMap<String, Level>();
            wanted.forEach((name, config) -> running.put(name, level(config, shares)));
            Map<String, FlowSchema> known = Mandatory.schemas();
            schemas.forEach(object -> {
                var schema = FlowSchema.of(object);
                known.put(schema.name(), schema);
            });
            var usable = known.values().stream()
                    .filter(schema -> running.containsKey(schema.level()))
                    .sorted(FlowSchema.ORDER)
                    .toList();
            image = new Image(usable, running);
        } finally {
            lock.unlock();
        }
    }

    /// The names of the levels that there are.
    Set<String> levels() {
        return image.levels().keySet();
    }

    private Level level(PriorityLevel config, int shares) {
        PriorityLevel.Seats seats = config.seats(serverSeats, shares);
        Level known = image.levels().get(config.name());
        if (known == null) {
            return new Level(config, seats, nanoTime);
        }
        known.configure(config, seats);
        return known;
    }

    /// Waits for the request's turn, at most `patience`.
    ///
    /// @param estimate what it is thought to cost; no request is wider than its level lets one be
    public Admission admit(FlowRequest request, Work estimate, Duration patience) throws InterruptedException {
        adjustNowAndThen();
        Image now = image;
        FlowSchema schema = exempt.test(request.user()) ? Mandatory.EXEMPT : classify(now, request);
        Level level = now.levels().get(schema.level());
        if (level == null) {
            throw new IllegalStateException("no priority level " + schema.level());
        }
        long flow = level.config().shape().queues() == 0 ? 0 : ShuffleShard.hash(schema.name(), schema.flowOf(request));
        long began = nanoTime.getAsLong();
        Work work = estimate.within(level.widest());
        Entered entered = level.queues().enter(flow, work.seats());
        Entry entry = entered.entry();
        if (entry == null) {
            return refuse(schema, level, entered.refusal(), began);
        }
        if (!level.queues().isExecuting(entry)) {
            metrics.waiting(level, schema, 1);
            try {
                if (!level.queues().await(entry, patience.toNanos())) {
                    return refuse(schema, level, QueueSet.Refusal.TIME_OUT, began);
                }
            } finally {
                metrics.waiting(level, schema, -1);
            }
        }
        long started = nanoTime.getAsLong();
        metrics.started(level, schema, started - began);
        return Admission.granted(schema, level, () -> {
            metrics.ended(level, schema, nanoTime.getAsLong() - started);
            if (work.afterwards().isZero()) {
                level.queues().leave(entry);
            } else {
                later.accept(() -> level.queues().leave(entry), work.afterwards());
            }
        });
    }

    private Admission refuse(FlowSchema schema, Level level, QueueSet.@Nullable Refusal refusal, long began) {
        long now = nanoTime.getAsLong();
        metrics.refused(level, schema, refusal == null ? "" : refusal.text(), now - began);
        int retry = level.retryAfter().refused(TimeUnit.NANOSECONDS.toSeconds(now));
        return Admission.refused(schema, level, retry);
    }

    private static FlowSchema classify(Image now, FlowRequest request) {
        for (FlowSchema schema : now.schemas()) {
            if (schema.matches(request)) {
                return schema;
            }
        }
        return Mandatory.CATCH_ALL;
    }

    private void adjustNowAndThen() {
        long now = nanoTime.getAsLong();
        long last = adjustedNanos.get();
        if (now - last >= ADJUST_NANOS && adjustedNanos.compareAndSet(last, now)) {
            adjust();
        }
    }

    /// Lets busy levels borrow what others do not use.
    private void adjust() {
        lock.lock();
        try {
            var claims = new ArrayList<Borrowing.Claim>();
            var limited = new ArrayList<Level>();
            int seats = 0;
            int exemptUse = 0;
            for (Level level : image.levels().values()) {
                SeatDemand.Period period = level.queues().endPeriod();
                seats += level.seats().nominal();
                if (level.config().exempt()) {
                    exemptUse += Math.max(level.seats().least(), period.highest());
                } else {
                    limited.add(level);
                    claims.add(claim(level.seats(), period));
                }
            }
            List<Integer> shares = Borrowing.share(Math.max(0, seats - exemptUse), claims);
            for (int i = 0; i < limited.size(); i++) {
                limited.get(i).use(shares.get(i));
            }
        } finally {
            lock.unlock();
        }
    }

    /// A level keeps what it lately used of its own.
    private static Borrowing.Claim claim(PriorityLevel.Seats seats, SeatDemand.Period period) {
        int low = Math.max(seats.least(), Math.min(seats.nominal(), period.highest()));
        return new Borrowing.Claim(Math.max(low, period.smoothed()), low, Math.max(low, seats.most()));
    }
}
