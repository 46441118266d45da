package io.insula.tenantapi.controllers.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
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
import io.insula.tenantapi.controllers.Workloads;
import io.insula.tenantapi.controllers.Workloads.Scalable;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.controllers.objects.Shares;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Says how many pods of each budget may be disrupted now. An eviction spends from that number itself and
/// names its pod in `disruptedPods`; a status is therefore replaced only as it was read. Source: kubernetes,
/// `pkg/controller/disruption`.
final class DisruptionController implements Controller {

    /// How long an evicted pod may take to go before it counts as healthy again.
    private static final Duration DELETION_LIMIT = Duration.ofMinutes(2);

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Store budgets;
    private final Store pods;
    private final Workloads workloads;
    private final StatusWriter statuses;

    private record Wanted(int expected, int healthy) {}

    private DisruptionController(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.budgets = context.store(Resources.POD_DISRUPTION_BUDGETS);
        this.pods = context.store(Resources.PODS);
        this.workloads = new Workloads(client);
        this.statuses = new StatusWriter(client, Resources.POD_DISRUPTION_BUDGETS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "disruption-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new DisruptionController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.POD_DISRUPTION_BUDGETS).watch(Resources.PODS, this::budgetsOf);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = budgets.get(key)
                .flatMap(b -> client.get(Resources.POD_DISRUPTION_BUDGETS, key.namespace(), key.name()));
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode budget = found.get();
        List<ObjectNode> guarded = pods.inNamespace(key.namespace()).stream()
                .filter(pod -> LabelSelectors.matches(WorkloadView.of(budget).selector(), Meta.labels(pod)))
                .toList();
        if (guarded.isEmpty()) {
            events.normal(budget, "NoPods", "No matching pods found");
        }
        Wanted wanted;
        try {
            wanted = wanted(budget, guarded);
        } catch (IllegalStateException e) {
            return failSafe(budget, String.valueOf(e.getMessage()));
        }
        Instant now = clock.instant();
        Map<String, Instant> disrupted = disrupted(budget, guarded, now);
        int healthy = (int) guarded.stream()
                .filter(pod -> !Meta.isBeingDeleted(pod) && PodView.of(pod).isReady())
                .filter(pod -> !disrupted.containsKey(Meta.name(pod)))
                .count();
        statuses.writeAsRead(budget, status(budget, wanted, healthy, disrupted, now));
        return disrupted.values().stream()
                .min(Instant::compareTo)
                .map(first -> Outcome.after(
                        Duration.between(now, first.plus(DELETION_LIMIT)).plusMillis(1), "evicted pods to go"))
                .orElse(Outcome.SETTLED);
    }

    private Wanted wanted(ObjectNode budget, List<ObjectNode> guarded) {
        JsonNode spec = budget.path("spec");
        if (spec.hasNonNull("maxUnavailable")) {
            int expected = expectedScale(guarded);
            int may = Shares.of(spec.path("maxUnavailable"), expected, true);
            return new Wanted(expected, Math.max(0, expected - may));
        }
        JsonNode least = spec.path("minAvailable");
        if (least.isNumber() || least.isMissingNode()) {
            return new Wanted(guarded.size(), least.asInt(1));
        }
        int expected = expectedScale(guarded);
        return new Wanted(expected, Shares.of(least, expected, true));
    }

    /// The wanted replicas of all controllers of these pods. Pods without a controller do not count.
    ///
    /// @throws IllegalStateException for a controller that cannot be scaled
    private int expectedScale(List<ObjectNode> guarded) {
        var byController = new HashMap<String, Integer>();
        for (ObjectNode pod : guarded) {
            Optional<JsonNode> owner = Owners.controllerOf(pod);
            if (owner.isPresent()) {
                Scalable top = controller(Meta.namespace(pod), owner.get())
                        .orElseThrow(() ->
                                new IllegalStateException("found no controllers for pod \"" + Meta.name(pod) + "\""));
                byController.put(Meta.uid(top.object()), top.replicas());
            }
        }
        return byController.values().stream().mapToInt(Integer::intValue).sum();
    }

    /// A replica set answers for itself unless it is a deployment's.
    private Optional<Scalable> controller(String namespace, JsonNode owner) {
        Optional<Scalable> own = find(namespace, owner);
        return own.flatMap(scalable -> Owners.controllerOf(scalable.object()))
                .filter(above -> above.path("kind").asText().equals("Deployment"))
                .flatMap(above -> find(namespace, above))
                .or(() -> own);
    }

    private Optional<Scalable> find(String namespace, JsonNode owner) {
        return workloads.find(
                owner.path("apiVersion").asText(),
                owner.path("kind").asText(),
                namespace,
                owner.path("name").asText());
    }

    /// The evicted pods that may still be expected to go, with the times of their evictions.
    private Map<String, Instant> disrupted(ObjectNode budget, List<ObjectNode> guarded, Instant now) {
        var left = new HashMap<String, Instant>();
        JsonNode noted = budget.path("status").path("disruptedPods");
        for (ObjectNode pod : guarded) {
            Optional<Instant> at = Meta.time(noted.path(Meta.name(pod)));
            if (at.isEmpty() || Meta.isBeingDeleted(pod)) {
                continue;
            }
            if (at.get().plus(DELETION_LIMIT).isAfter(now)) {
                left.put(Meta.name(pod), at.get());
            } else {
                events.warning(
                        pod,
                        "NotDeleted",
                        "Pod was expected by PDB " + Meta.namespace(budget) + "/" + Meta.name(budget)
                                + " to be deleted but it wasn't");
            }
        }
        return left;
    }

    private ObjectNode status(
            ObjectNode budget, Wanted wanted, int healthy, Map<String, Instant> disrupted, Instant now) {
        int allowed = wanted.expected() > 0 ? Math.max(0, healthy - wanted.healthy()) : 0;
        ObjectNode status = StatusWriter.statusOf(budget);
        status.put("currentHealthy", healthy)
                .put("desiredHealthy", wanted.healthy())
                .put("expectedPods", wanted.expected())
                .put("disruptionsAllowed", allowed);
        status.set("observedGeneration", Json.number(Meta.generation(budget)));
        if (disrupted.isEmpty()) {
            status.remove("disruptedPods");
        } else {
            ObjectNode map = status.putObject("disruptedPods");
            disrupted.forEach((name, at) -> map.put(name, Meta.timestamp(at)));
        }
        condition(budget, status, allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now);
        return status;
    }

    /// Nothing may be disrupted while nobody knows how many there should be.
    private Outcome failSafe(ObjectNode budget, String why) {
        events.warning(
                budget, "CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: " + why);
        ObjectNode status = StatusWriter.statusOf(budget);
        status.put("disruptionsAllowed", 0);
        condition(budget, status, false, "SyncFailed", why, clock.instant());
        statuses.writeAsRead(budget, status);
        return new Outcome.Terminal("SyncFailed", why);
    }

    /// `metav1.Condition` has its own generation, and a message even where there is nothing to say.
    private static void condition(
            ObjectNode budget, ObjectNode status, boolean value, String reason, String message, Instant now) {
        Condition.set(status, "DisruptionAllowed", value, reason, message, now);
        Condition.in(status, "DisruptionAllowed")
                .edit(condition -> condition
                        .put("message", message)
                        .set("observedGeneration", Json.number(Meta.generation(budget))));
    }

    private Collection<Key> budgetsOf(ObjectEvent event) {
        ObjectNode pod = event.object();
        return budgets.inNamespace(Meta.namespace(pod)).stream()
                .filter(budget -> guards(budget, pod)
                        || (event instanceof ObjectEvent.Updated(var before, var _) && guards(budget, before)))
                .map(Key::of)
                .toList();
    }

    private static boolean guards(JsonNode budget, JsonNode pod) {
        return LabelSelectors.matches(WorkloadView.of(budget).selector(), Meta.labels(pod));
    }
}
