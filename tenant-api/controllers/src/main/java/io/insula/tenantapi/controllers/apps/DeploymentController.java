package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Claims;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Rolls a deployment's template out over replica sets: one step for each change it sees, numbers by [RolloutMath],
/// writes by [DeploymentSets], status by [DeploymentStatus]. Source: kubernetes, `pkg/controller/deployment`.
final class DeploymentController implements Controller {

    private final Clock clock;
    private final EventRecorder events;
    private final Store deployments;
    private final Store replicaSets;
    private final Store pods;
    private final Claims claims;
    private final DeploymentSets sets;

    private DeploymentController(ControllerContext context) {
        this.clock = context.clock();
        this.events = context.events();
        this.deployments = context.store(Resources.DEPLOYMENTS);
        this.replicaSets = context.store(Resources.REPLICA_SETS);
        this.pods = context.store(Resources.PODS);
        this.claims = new Claims(context.client(), Resources.DEPLOYMENTS, Resources.REPLICA_SETS);
        this.sets = new DeploymentSets(context.client(), events, clock);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "deployment-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new DeploymentController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.DEPLOYMENTS)
                .watch(Resources.REPLICA_SETS, this::deploymentsOf)
                .watch(Resources.PODS, this::recreatingDeploymentOf)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = deployments.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode deployment = found.get();
        if (!WorkloadView.of(deployment).isSelecting()) {
            events.warning(
                    deployment,
                    "SelectingAll",
                    "This deployment is selecting all pods. A non-empty selector is required.");
            return new Outcome.Terminal("SelectingAll", "the selector is empty");
        }
        List<ObjectNode> all = claims.claim(deployment, replicaSets.inNamespace(key.namespace()), rs -> true);
        var rollout = new Rollout(deployment, all, sets);
        if (Meta.isBeingDeleted(deployment)) {
            return writeStatus(deployment, rollout, false);
        }
        boolean paused = deployment.path("spec").path("paused").asBoolean();
        if (tellPaused(deployment, paused)) {
            return Outcome.SETTLED; // the write brings this key back
        }
        if (paused || rollout.wasScaled()) {
            rollout.ensureNewest(false);
            rollout.resize();
            cleanUpIfDone(deployment, rollout);
            return writeStatus(deployment, rollout, false);
        }
        try {
            step(deployment, rollout);
        } catch (ApiException e) {
            if (e.code() != 409 && e.code() != 404) {
                sets.tellCreateFailed(deployment, String.valueOf(e.getMessage()));
            }
            throw e;
        }
        cleanUpIfDone(deployment, rollout);
        return writeStatus(deployment, rollout, true);
    }

    private void step(ObjectNode deployment, Rollout rollout) {
        if (RolloutMath.isRolling(deployment)) {
            rollout.ensureNewest(true);
            rollout.roll();
        } else {
            rollout.ensureNewest(false);
            rollout.recreate(podsOf(rollout.all()));
        }
    }

    private List<ObjectNode> podsOf(List<ObjectNode> all) {
        return all.stream()
                .flatMap(rs -> pods.controlledBy(Meta.uid(rs)).stream())
                .toList();
    }

    private void cleanUpIfDone(ObjectNode deployment, Rollout rollout) {
        ObjectNode status = DeploymentStatus.calculate(deployment, rollout.all(), rollout.newest(), clock.instant());
        if (DeploymentStatus.isComplete(deployment, status)) {
            sets.cleanUp(deployment, rollout.old());
        }
    }

    private Outcome writeStatus(ObjectNode deployment, Rollout rollout, boolean rolling) {
        var now = clock.instant();
        @Nullable ObjectNode newest = rollout.newest();
        ObjectNode current = deployment.deepCopy();
        if (rolling && newest != null) {
            introduce(current, newest, isNewToUs(deployment, newest));
        }
        ObjectNode status = rolling
                ? DeploymentStatus.rollout(current, rollout.all(), newest, now)
                : DeploymentStatus.calculate(current, rollout.all(), newest, now);
        sets.writeStatus(deployment, status);
        return rolling
                ? DeploymentStatus.untilDeadline(deployment, status, now)
                        .map(delay -> Outcome.after(delay, "progressDeadlineSeconds"))
                        .orElse(Outcome.SETTLED)
                : Outcome.SETTLED;
    }

    /// Says that there is a new replica set: made now, or found when a template comes back.
    private void introduce(ObjectNode current, ObjectNode newest, boolean isNew) {
        if (!DeploymentStatus.hasDeadline(current)) {
            return;
        }
        ObjectNode status = StatusWriter.statusOf(current);
        String name = "\"" + Meta.name(newest) + "\"";
        if (isNew) {
            DeploymentStatus.set(
                    status,
                    "Progressing",
                    "True",
                    DeploymentStatus.CREATED,
                    "Created new replica set " + name,
                    clock.instant());
        } else if (!DeploymentStatus.progressing(status).exists()
                || !Long.toString(ReplicaSets.revision(newest))
                        .equals(Meta.annotations(current).get(ReplicaSets.REVISION))) {
            DeploymentStatus.set(
                    status,
                    "Progressing",
                    "True",
                    DeploymentStatus.FOUND,
                    "Found new replica set " + name,
                    clock.instant());
        }
        current.set("status", status);
    }

    private boolean isNewToUs(ObjectNode deployment, ObjectNode newest) {
        return replicaSets.get(Key.of(newest)).isEmpty()
                && !Long.toString(ReplicaSets.revision(newest))
                        .equals(Meta.annotations(deployment).get(ReplicaSets.REVISION));
    }

    private boolean tellPaused(ObjectNode deployment, boolean paused) {
        if (!DeploymentStatus.hasDeadline(deployment)) {
            return false;
        }
        String reason = DeploymentStatus.progressing(deployment.path("status")).reason();
        if (reason.equals(DeploymentStatus.TIMED_OUT)) {
            return false;
        }
        boolean told = reason.equals(DeploymentStatus.PAUSED);
        if (paused == told) {
            return false;
        }
        ObjectNode status = StatusWriter.statusOf(deployment);
        String message = paused ? "Deployment is paused" : "Deployment is resumed";
        String newReason = paused ? DeploymentStatus.PAUSED : DeploymentStatus.RESUMED;
        DeploymentStatus.set(status, "Progressing", "Unknown", newReason, message, clock.instant());
        sets.writeStatus(deployment, status);
        return true;
    }

    private Collection<Key> deploymentsOf(ObjectEvent event) {
        ObjectNode set = event.object();
        Optional<String> owner = Owners.controllerName(set, "apps", "Deployment");
        if (owner.isPresent()) {
            return List.of(new Key(Meta.namespace(set), owner.get()));
        }
        return deployments.inNamespace(Meta.namespace(set)).stream()
                .filter(d -> LabelSelectors.matches(WorkloadView.of(d).selector(), Meta.labels(set)))
                .map(Key::of)
                .toList();
    }

    private Collection<Key> recreatingDeploymentOf(ObjectEvent event) {
        if (!(event instanceof ObjectEvent.Deleted(var pod))) {
            return List.of();
        }
        return Owners.controllerName(pod, "apps", "ReplicaSet")
                .flatMap(name -> replicaSets.get(new Key(Meta.namespace(pod), name)))
                .flatMap(set -> Owners.controllerName(set, "apps", "Deployment"))
                .map(name -> List.of(new Key(Meta.namespace(pod), name)))
                .orElse(List.of());
    }
}
