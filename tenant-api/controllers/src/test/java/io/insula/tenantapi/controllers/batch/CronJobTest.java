package io.insula.tenantapi.controllers.batch;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.ShiftedClock;
import io.insula.tenantapi.controllers.objects.Owners;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CronJobTest {

    private final ShiftedClock clock = new ShiftedClock();
    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes(clock);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
        // far from the end of a minute: only the tests' own leaps end one
        clock.advance(Duration.ofSeconds(65 - clock.instant().getEpochSecond() % 60));
    }

    @Test
    @Conformance(
            value = "[sig-apps] CronJob should schedule multiple jobs concurrently [Conformance]",
            weaker = Conformance.NOTHING)
    void startsJobsThoughOthersRun() {
        ObjectNode cronJob = cronJob("concurrencyPolicy: Allow");
        nextRun();
        await("a job", () -> jobs().size() == 1 && active() == 1);
        nextRun();
        await("two jobs", () -> jobs().size() == 2 && active() == 2);
        assertThat(jobs()).allSatisfy(job -> {
            assertThat(Owners.isControlledBy(job, cronJob)).isTrue();
            assertThat(Meta.name(job)).matches("c-\\d{8}");
            assertThat(Meta.annotations(job)).containsKey("batch.kubernetes.io/cronjob-scheduled-timestamp");
        });
        assertThat(cluster.at(Resources.CRON_JOBS, namespace, "c", "/status/lastScheduleTime")
                        .asText())
                .endsWith(":00Z");
    }

    @Test
    @Conformance(
            value = "[sig-apps] CronJob should not schedule jobs when suspended [Slow] [Conformance]",
            weaker = Conformance.NOTHING)
    void startsNothingWhileSuspended() {
        cronJob("suspend: true");
        nextRun();
        settle();
        assertThat(jobs()).noneMatch(job -> Meta.name(job).startsWith("c-"));
    }

    @Test
    @Conformance(
            value = "[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent [Slow] [Conformance]",
            weaker = Conformance.NOTHING)
    void waitsForTheRunningJob() {
        cronJob("concurrencyPolicy: Forbid");
        nextRun();
        await("a job", () -> active() == 1);
        String first = Meta.name(jobs().getFirst());
        nextRun();
        await("the refusal", () -> cluster.hasEvent(namespace, "JobAlreadyActive"));
        assertThat(jobs()).extracting(Meta::name).containsExactly(first);
    }

    @Test
    @Conformance(
            value = "[sig-apps] CronJob should replace jobs when ReplaceConcurrent [Conformance]",
            weaker = Conformance.NOTHING)
    void replacesTheRunningJob() {
        cronJob("concurrencyPolicy: Replace");
        nextRun();
        await("a job", () -> active() == 1);
        String first = Meta.name(jobs().getFirst());
        nextRun();
        await("another in its place", () -> {
            List<String> names = jobs().stream().map(Meta::name).toList();
            return names.size() == 1 && !names.contains(first);
        });
        await("the status", () -> active() == 1);
    }

    @Test
    @Conformance(
            value = "[sig-apps] CronJob should support CronJob API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void followsItsJobsAndClearsOldOnesAway() {
        cronJob("successfulJobsHistoryLimit: 1");
        for (int run = 0; run < 2; run++) {
            nextRun();
            await("a running job", () -> active() == 1);
            String job = cluster.at(Resources.CRON_JOBS, namespace, "c", "/status/active/0/name")
                    .asText();
            await("its pod", () -> podOf(job).isPresent());
            cluster.patchStatus(Resources.PODS, namespace, podOf(job).orElseThrow(), "{status: {phase: Succeeded}}");
            await("its end", () -> active() == 0);
        }
        await("the older to go", () -> jobs().size() == 1);
        await(
                "the time",
                () -> cluster.at(Resources.CRON_JOBS, namespace, "c", "/status/lastSuccessfulTime")
                        .isTextual());
        assertThat(cluster.hasEvent(namespace, "SawCompletedJob")).isTrue();
        cluster.patchStatus(
                Resources.CRON_JOBS, namespace, "c", "{status: {lastScheduleTime: '2026-01-01T00:00:00Z'}}");
        cluster.delete(Resources.CRON_JOBS, namespace, "c");
        await("its jobs to go", () -> jobs().isEmpty());
    }

    @Test
    void startsNothingThatIsTooLate() {
        cronJob("startingDeadlineSeconds: 1, suspend: true", "0 0 1 1 *");
        clock.advance(Duration.ofDays(400));
        cluster.patch(Resources.CRON_JOBS, namespace, "c", "{spec: {suspend: false}}");
        settle();
        assertThat(jobs()).noneMatch(job -> Meta.name(job).startsWith("c-"));
    }

    /// Another one has been taken care of: the first would have been too.
    private void settle() {
        cluster.create(
                Resources.CRON_JOBS,
                namespace,
                "{apiVersion: batch/v1, kind: CronJob, metadata: {name: after}, spec: {schedule: '* * * * *',"
                        + " jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image:"
                        + " i}]}}}}}}");
        clock.advance(Duration.ofSeconds(60));
        touch("c");
        touch("after");
        await(
                "the other's job",
                () -> jobs().stream().anyMatch(job -> Meta.name(job).startsWith("after-")));
    }

    private ObjectNode cronJob(String spec) {
        return cronJob(spec, "* * * * *");
    }

    private ObjectNode cronJob(String spec, String schedule) {
        return cluster.create(
                Resources.CRON_JOBS,
                namespace,
                "{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {schedule: '" + schedule + "', "
                        + spec
                        + ", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image:"
                        + " i}]}}}}}}");
    }

    private void nextRun() {
        clock.advance(Duration.ofSeconds(60));
        touch("c");
    }

    private void touch(String name) {
        cluster.patch(
                Resources.CRON_JOBS,
                namespace,
                name,
                "{metadata: {annotations: {touched: '" + clock.instant() + "'}}}");
    }

    private Optional<String> podOf(String job) {
        return cluster.pods(namespace).stream()
                .filter(pod -> Meta.labels(pod).getOrDefault("job-name", "").equals(job))
                .map(Meta::name)
                .findFirst();
    }

    private List<ObjectNode> jobs() {
        return cluster.list(Resources.JOBS, namespace);
    }

    private int active() {
        return cluster.at(Resources.CRON_JOBS, namespace, "c", "/status/active").size();
    }
}
