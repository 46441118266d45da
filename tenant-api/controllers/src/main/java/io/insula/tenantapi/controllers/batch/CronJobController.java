package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Starts a CronJob's Jobs when they are due, watches over them and clears the old ones away. A Job's name is
/// made of the minute it was due, so that no run can start twice. Source: kubernetes,
/// `pkg/controller/cronjob/cronjob_controllerv2.go`.
final class CronJobController implements Controller {

    private static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";
    private static final DateTimeFormatter RFC_1123 =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Store cronJobs;
    private final Store jobs;
    private final StatusWriter statuses;

    private CronJobController(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.cronJobs = context.store(Resources.CRON_JOBS);
        this.jobs = context.store(Resources.JOBS);
        this.statuses = new StatusWriter(client, Resources.CRON_JOBS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "cronjob-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new CronJobController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.CRON_JOBS)
                .watch(Resources.JOBS, CronJobController::cronJobOf)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        if (cronJobs.get(key).isEmpty()) {
            return Outcome.SETTLED;
        }
        Optional<ObjectNode> found = client.get(Resources.CRON_JOBS, key.namespace(), key.name());
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode cronJob = found.get();
        List<ObjectNode> mine = jobs.controlledBy(Meta.uid(cronJob));
        ObjectNode status = StatusWriter.statusOf(cronJob);
        follow(cronJob, status, mine);
        clearAway(cronJob, mine);
        try {
            return Meta.isBeingDeleted(cronJob) ? Outcome.SETTLED : startDue(cronJob, status);
        } finally {
            statuses.writeAsRead(cronJob, status);
        }
    }

    /// Brings `status.active` and `lastSuccessfulTime` up to date.
    private void follow(ObjectNode cronJob, ObjectNode status, List<ObjectNode> mine) {
        for (ObjectNode job : mine) {
            boolean listed = isActive(status, ref -> uid(ref).equals(Meta.uid(job)));
            if (!listed && !JobPass.isFinished(job)) {
                events.warning(
                        cronJob,
                        "UnexpectedJob",
                        "Saw a job that the controller did not create or forgot: " + Meta.name(job));
            } else if (listed && JobPass.isFinished(job)) {
                String how = Condition.isTrue(job, "Complete") ? "Complete" : "Failed";
                drop(status, ref -> uid(ref).equals(Meta.uid(job)));
                events.normal(
                        cronJob, "SawCompletedJob", "Saw completed job: " + Meta.name(job) + ", condition: " + how);
            }
            if (Condition.isTrue(job, "Complete")) {
                noteSuccess(status, job);
            }
        }
        Set<String> known = mine.stream().map(Meta::uid).collect(Collectors.toSet());
        drop(status, ref -> {
            boolean missing = !known.contains(uid(ref))
                    && client.get(
                                    Resources.JOBS,
                                    Meta.namespace(cronJob),
                                    ref.path("name").asText())
                            .isEmpty();
            if (missing) {
                events.normal(
                        cronJob,
                        "MissingJob",
                        "Active job went missing: " + ref.path("name").asText());
            }
            return missing;
        });
    }

    private static void noteSuccess(ObjectNode status, ObjectNode job) {
        JsonNode completed = job.path("status").path("completionTime");
        Optional<Instant> at = Meta.time(completed);
        Optional<Instant> before = Meta.time(status.path("lastSuccessfulTime"));
        if (at.isPresent() && before.map(at.get()::isAfter).orElse(true)) {
            status.set("lastSuccessfulTime", completed);
        }
    }

    private Outcome startDue(ObjectNode cronJob, ObjectNode status) {
        JsonNode spec = cronJob.path("spec");
        if (spec.path("suspend").asBoolean()) {
            return Outcome.SETTLED;
        }
        ZoneId zone;
        CronSchedule schedule;
        try {
            zone = spec.hasNonNull("timeZone") ? ZoneId.of(spec.path("timeZone").asText()) : ZoneOffset.UTC;
            schedule = CronSchedule.parse(spec.path("schedule").asText(), zone);
        } catch (DateTimeException e) {
            String text = "invalid timeZone: \"" + spec.path("timeZone").asText() + "\": " + e.getMessage();
            events.warning(cronJob, "UnknownTimeZone", text);
            return new Outcome.Terminal("UnknownTimeZone", text);
        } catch (IllegalArgumentException e) {
            String text = "unparseable schedule: \"" + spec.path("schedule").asText() + "\" : " + e.getMessage();
            events.warning(cronJob, "UnparseableSchedule", text);
            return new Outcome.Terminal("UnparseableSchedule", text);
        }
        Instant now = clock.instant();
        MissedRuns missed = MissedRuns.of(cronJob, schedule, now, true);
        if (missed.many()) {
            events.warning(
                    cronJob,
                    "TooManyMissedTimes",
                    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        missed.due().ifPresent(due -> start(cronJob, status, due, zone, now));
        ObjectNode after = cronJob.deepCopy();
        after.set("status", status);
        return MissedRuns.untilNext(after, schedule, now)
                .<Outcome>map(delay -> Outcome.after(delay, "the next run"))
                .orElse(Outcome.SETTLED);
    }

    private void start(ObjectNode cronJob, ObjectNode status, Instant due, ZoneId zone, Instant now) {
        JsonNode spec = cronJob.path("spec");
        JsonNode deadline = spec.path("startingDeadlineSeconds");
        if (deadline.isNumber() && Meta.after(due, deadline.asLong()).isBefore(now)) {
            events.warning(
                    cronJob,
                    "MissSchedule",
                    "Missed scheduled time to start a job: " + RFC_1123.format(due.atZone(ZoneOffset.UTC)));
            return;
        }
        String name = Meta.name(cronJob) + "-" + due.getEpochSecond() / 60;
        boolean started = isActive(status, ref -> ref.path("name").asText().equals(name))
                || Meta.time(status.path("lastScheduleTime")).equals(Optional.of(due));
        if (started) {
            return;
        }
        boolean busy = !status.path("active").isEmpty();
        String policy = spec.path("concurrencyPolicy").asText("Allow");
        if (policy.equals("Forbid") && busy) {
            events.normal(
                    cronJob,
                    "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is Forbid");
            return;
        }
        if (policy.equals("Replace")) {
            drop(status, ref -> {
                delete(cronJob, ref.path("name").asText());
                return true;
            });
        }
        create(cronJob, due, name, zone).ifPresent(job -> {
            status.withArrayProperty("active").add(reference(job));
            status.put("lastScheduleTime", Meta.timestamp(due));
        });
    }

    private Optional<ObjectNode> create(ObjectNode cronJob, Instant due, String name, ZoneId zone) {
        ObjectNode job = job(cronJob, due, name, zone);
        try {
            ObjectNode made = client.create(Resources.JOBS, Meta.namespace(cronJob), job);
            events.normal(cronJob, "SuccessfulCreate", "Created job " + name);
            return Optional.of(made);
        } catch (ApiException e) {
            if (PodWriter.namespaceIsGoing(e)) {
                return Optional.empty();
            }
            if (e.is("AlreadyExists")) {
                // made before a crash that came before the status was written
                return client.get(Resources.JOBS, Meta.namespace(cronJob), name)
                        .filter(there -> Owners.isControlledBy(there, cronJob) && !JobPass.isFinished(there));
            }
            events.warning(cronJob, "FailedCreate", "Error creating job: " + e.getMessage());
            throw e;
        }
    }

    private static ObjectNode job(ObjectNode cronJob, Instant due, String name, ZoneId zone) {
        JsonNode template = cronJob.path("spec").path("jobTemplate");
        ObjectNode job = Json.object().put("apiVersion", "batch/v1").put("kind", "Job");
        ObjectNode meta = job.putObject("metadata").put("name", name).put("namespace", Meta.namespace(cronJob));
        JsonNode labels = template.path("metadata").path("labels");
        if (!labels.isEmpty()) {
            meta.set("labels", labels.deepCopy());
        }
        ObjectNode annotations = template.path("metadata").path("annotations") instanceof ObjectNode own
                ? own.deepCopy()
                : Json.object();
        annotations.put(
                SCHEDULED,
                DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                        due.truncatedTo(ChronoUnit.SECONDS).atZone(zone)));
        meta.set("annotations", annotations);
        meta.putArray("ownerReferences").add(Owners.controllerReference(cronJob));
        job.set("spec", template.path("spec").deepCopy());
        return job;
    }

    /// Deletes finished Jobs beyond the history limits, the oldest first.
    private void clearAway(ObjectNode cronJob, List<ObjectNode> mine) {
        if (Meta.isBeingDeleted(cronJob)) {
            return;
        }
        clearAway(cronJob, mine, "Complete", "successfulJobsHistoryLimit");
        clearAway(cronJob, mine, "Failed", "failedJobsHistoryLimit");
    }

    private void clearAway(ObjectNode cronJob, List<ObjectNode> mine, String condition, String limit) {
        JsonNode keep = cronJob.path("spec").path(limit);
        if (!keep.isNumber()) {
            return;
        }
        List<ObjectNode> finished = mine.stream()
                .filter(job -> Condition.isTrue(job, condition))
                .sorted(Comparator.<ObjectNode, Instant>comparing(job ->
                                Meta.time(job.path("status").path("startTime")).orElse(Instant.MAX))
                        .thenComparing(Meta::name))
                .toList();
        finished.subList(0, Math.max(0, finished.size() - keep.asInt())).stream()
                .filter(job -> !Meta.isBeingDeleted(job))
                .forEach(job -> delete(cronJob, Meta.name(job)));
    }

    private void delete(ObjectNode cronJob, String job) {
        try {
            client.delete(
                    Resources.JOBS, Meta.namespace(cronJob), job, Json.object().put("propagationPolicy", "Background"));
            events.normal(cronJob, "SuccessfulDelete", "Deleted job " + job);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                events.warning(cronJob, "FailedDelete", "Deleted job: " + e.getMessage());
                throw e;
            }
        }
    }

    private static ObjectNode reference(ObjectNode job) {
        return Json.object()
                .put("apiVersion", "batch/v1")
                .put("kind", "Job")
                .put("name", Meta.name(job))
                .put("namespace", Meta.namespace(job))
                .put("resourceVersion", Meta.resourceVersion(job))
                .put("uid", Meta.uid(job));
    }

    private static boolean isActive(ObjectNode status, Predicate<JsonNode> which) {
        return status.path("active").valueStream().anyMatch(which);
    }

    private static void drop(ObjectNode status, Predicate<JsonNode> which) {
        if (!(status.get("active") instanceof ArrayNode active)) {
            return;
        }
        ArrayNode left = Json.MAPPER.createArrayNode();
        active.valueStream().filter(which.negate()).forEach(left::add);
        if (left.isEmpty()) {
            status.remove("active");
        } else {
            status.set("active", left);
        }
    }

    private static String uid(JsonNode reference) {
        return reference.path("uid").asText();
    }

    private static Collection<Key> cronJobOf(ObjectEvent event) {
        ObjectNode job = event.object();
        return Owners.controllerName(job, "batch", "CronJob")
                .map(name -> List.of(new Key(Meta.namespace(job), name)))
                .orElse(List.of());
    }
}
