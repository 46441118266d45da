package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Which run of a CronJob is due, if any. Of several missed ones only the last counts. Pure.
/// Source: kubernetes, `pkg/controller/cronjob/utils.go`, mostRecentScheduleTime.
///
/// @param since the time from which runs were looked for
/// @param due the last run that should have begun
/// @param many whether so many were missed that something is wrong
record MissedRuns(Instant since, Optional<Instant> due, boolean many) {

    private static final int MANY = 100;
    private static final Duration SLACK = Duration.ofMillis(100);

    /// @param withDeadline whether runs older than `startingDeadlineSeconds` are not looked for
    static MissedRuns of(JsonNode cronJob, CronSchedule schedule, Instant now, boolean withDeadline) {
        Instant since = Meta.time(cronJob.path("status").path("lastScheduleTime"))
                .or(() -> Meta.created(cronJob))
                .orElse(now);
        JsonNode deadline = cronJob.path("spec").path("startingDeadlineSeconds");
        if (withDeadline && deadline.isNumber()) {
            Instant earliest = Meta.after(now, -deadline.asLong());
            since = earliest.isAfter(since) ? earliest : since;
        }
        Optional<Instant> first = schedule.next(since);
        if (first.isEmpty() || now.isBefore(first.get())) {
            return new MissedRuns(since, Optional.empty(), false);
        }
        Optional<Instant> second = schedule.next(first.get());
        if (second.isEmpty() || now.isBefore(second.get())) {
            return new MissedRuns(since, first, false);
        }
        long between = Math.max(1, Duration.between(first.get(), second.get()).toSeconds());
        long missed = Duration.between(first.get(), now).toSeconds() / between + 1;
        // long gaps are jumped over by the first interval, then walked
        Instant last = first.get();
        Instant from = missed > 2 ? Meta.after(first.get(), (missed - 2) * between) : first.get();
        Optional<Instant> next = schedule.next(Meta.after(from, -1));
        while (next.isPresent() && !next.get().isAfter(now)) {
            last = next.get().isAfter(last) ? next.get() : last;
            next = schedule.next(next.get());
        }
        return new MissedRuns(since, Optional.of(last), missed > MANY);
    }

    /// How long until the next run.
    static Optional<Duration> untilNext(JsonNode cronJob, CronSchedule schedule, Instant now) {
        MissedRuns missed = of(cronJob, schedule, now, false);
        return schedule.next(missed.due().orElse(missed.since()))
                .map(next -> next.isAfter(now) ? next : schedule.next(now).orElse(next))
                .map(next -> Duration.between(now, next).plus(SLACK));
    }
}
