package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Deletes Jobs `ttlSecondsAfterFinished` after their end. Source: kubernetes, `pkg/controller/ttlafterfinished`.
final class FinishedJobs implements Controller {

    private final ObjectClient client;
    private final Clock clock;
    private final Store jobs;

    private FinishedJobs(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.jobs = context.store(Resources.JOBS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "ttl-after-finished-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new FinishedJobs(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.JOBS);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<Instant> due = jobs.get(key).flatMap(FinishedJobs::due);
        if (due.isEmpty()) {
            return Outcome.SETTLED;
        }
        Duration left = Duration.between(clock.instant(), due.get());
        if (left.isPositive()) {
            return Outcome.after(left, "ttlSecondsAfterFinished");
        }
        // the cache may not know of a ttl that was raised since
        Optional<ObjectNode> live = client.get(Resources.JOBS, key.namespace(), key.name())
                .filter(job ->
                        due(job).filter(at -> !at.isAfter(clock.instant())).isPresent());
        live.ifPresent(job -> delete(key, job));
        return Outcome.SETTLED;
    }

    private void delete(Key key, ObjectNode job) {
        try {
            client.delete(
                    Resources.JOBS,
                    key.namespace(),
                    key.name(),
                    PodWriter.onlyIf(job).put("propagationPolicy", "Foreground"));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    private static Optional<Instant> due(JsonNode job) {
        JsonNode ttl = job.path("spec").path("ttlSecondsAfterFinished");
        if (!ttl.isNumber() || Meta.isBeingDeleted(job) || !JobPass.isFinished(job)) {
            return Optional.empty();
        }
        return Condition.of(job, Condition.isTrue(job, "Complete") ? "Complete" : "Failed")
                .since()
                .map(end -> Meta.after(end, ttl.asLong()));
    }
}
