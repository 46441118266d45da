package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Claims;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Expectations;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.SlowStart;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.controllers.objects.PodRanking;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Keeps as many pods as a replica set, or a replication controller, asks for: the two differ in their selectors only.
/// Source: kubernetes, `pkg/controller/replicaset`, `pkg/controller/replication`.
final class ReplicaSetController implements Controller {

    /// Which of the two.
    ///
    /// @param selector the `LabelSelector` of one
    private record Flavor(
            GroupVersionResource resource, String group, String kind, Function<JsonNode, JsonNode> selector) {}

    private static final Flavor REPLICA_SET = new Flavor(
            Resources.REPLICA_SETS,
            "apps",
            "ReplicaSet",
            set -> WorkloadView.of(set).selector());
    private static final Flavor REPLICATION_CONTROLLER = new Flavor(
            Resources.REPLICATION_CONTROLLERS, "", "ReplicationController", ReplicaSetController::plainSelector);

    private static final int BURST = 500;

    private final Flavor flavor;
    private final ObjectClient client;
    private final Clock clock;
    private final PodWriter writer;
    private final Store sets;
    private final Store pods;
    private final Claims claims;
    private final Expectations expectations;

    private ReplicaSetController(ControllerContext context, Flavor flavor) {
        this.flavor = flavor;
        this.client = context.client();
        this.clock = context.clock();
        this.writer = new PodWriter(client, context.events());
        this.sets = context.store(flavor.resource());
        this.pods = context.store(Resources.PODS);
        this.claims = new Claims(client, flavor.resource(), Resources.PODS);
        this.expectations = new Expectations(clock);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "replicaset-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new ReplicaSetController(context, REPLICA_SET);
        }
    }

    @Singleton
    static final class ReplicationControllerFactory implements ControllerFactory {
        @Override
        public String name() {
            return "replication-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new ReplicaSetController(context, REPLICATION_CONTROLLER);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(flavor.resource())
                .watch(Resources.PODS, this::setsOf)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = sets.get(key);
        if (found.isEmpty()) {
            expectations.forget(key);
            return Outcome.SETTLED;
        }
        ObjectNode set = found.get();
        boolean cacheIsCurrent = expectations.satisfied(key);
        JsonNode selector = flavor.selector().apply(set);
        List<ObjectNode> active =
                claims
                        .claim(
                                set,
                                selector,
                                pods.inNamespace(key.namespace()),
                                pod -> PodView.of(pod).isActive())
                        .stream()
                        .filter(pod -> PodView.of(pod).isActive())
                        .toList();
        RuntimeException failure = null;
        if (cacheIsCurrent && !Meta.isBeingDeleted(set)) {
            failure = scale(key, set, active);
        }
        writeStatus(set, active, failure);
        if (failure != null) {
            throw failure;
        }
        return lookAgain(set, active);
    }

    private @Nullable RuntimeException scale(Key key, ObjectNode set, List<ObjectNode> active) {
        int missing = WorkloadView.of(set).replicas() - active.size();
        if (missing > 0) {
            return create(key, set, Math.min(missing, BURST));
        }
        if (missing < 0) {
            return delete(key, set, PodRanking.victims(active, Math.min(-missing, BURST), clock.instant()));
        }
        return null;
    }

    private @Nullable RuntimeException create(Key key, ObjectNode set, int count) {
        expectations.expectCreations(key, count);
        SlowStart.Result result = SlowStart.run(count, () -> writer.create(set, podOf(set)));
        for (int i = result.succeeded(); i < count; i++) {
            expectations.created(key);
        }
        RuntimeException failure = result.failure();
        return failure instanceof ApiException e && PodWriter.namespaceIsGoing(e) ? null : failure;
    }

    private @Nullable RuntimeException delete(Key key, ObjectNode set, List<ObjectNode> victims) {
        victims.forEach(pod -> expectations.expectDeletion(key, Meta.uid(pod)));
        RuntimeException failure = null;
        for (ObjectNode pod : victims) {
            try {
                if (!writer.delete(set, pod)) {
                    expectations.deleted(key, Meta.uid(pod));
                }
            } catch (ApiException e) {
                expectations.deleted(key, Meta.uid(pod));
                failure = e;
            }
        }
        return failure;
    }

    static ObjectNode podOf(ObjectNode set) {
        ObjectNode pod = PodWriter.fromTemplate(WorkloadView.of(set).template(), set);
        Meta.of(pod).put("generateName", Meta.name(set) + "-");
        return pod;
    }

    private void writeStatus(ObjectNode set, List<ObjectNode> active, @Nullable RuntimeException failure) {
        ObjectNode current = set.path("status") instanceof ObjectNode status ? status : Json.object();
        ObjectNode wanted = status(set, current, active, failure);
        if (!wanted.equals(current) || WorkloadView.of(set).observedGeneration() != Meta.generation(set)) {
            try {
                client.mergePatch(
                        flavor.resource(),
                        Meta.namespace(set),
                        Meta.name(set),
                        "status",
                        Statuses.patch(ReplicaSets.mergeOf(current, wanted)));
            } catch (ApiException e) {
                if (!e.is("NotFound")) {
                    throw e;
                }
            }
        }
    }

    private ObjectNode status(
            ObjectNode set, ObjectNode current, List<ObjectNode> active, @Nullable RuntimeException failure) {
        var template = WorkloadView.of(set).templateLabels();
        int minReady = WorkloadView.of(set).minReadySeconds();
        var now = clock.instant();
        ObjectNode wanted = current.deepCopy();
        wanted.put("replicas", active.size());
        ReplicaSets.count(
                wanted,
                "fullyLabeledReplicas",
                active.stream()
                        .filter(pod -> LabelSelectors.matchesMap(template, Meta.labels(pod)))
                        .count());
        ReplicaSets.count(
                wanted,
                "readyReplicas",
                active.stream().filter(pod -> PodView.of(pod).isReady()).count());
        ReplicaSets.count(
                wanted,
                "availableReplicas",
                active.stream()
                        .filter(pod -> PodView.of(pod).isAvailable(minReady, now))
                        .count());
        wanted.put("observedGeneration", (int) Meta.generation(set));
        if (failure != null) {
            boolean creating = active.size() < WorkloadView.of(set).replicas();
            String message = String.valueOf(failure.getMessage());
            Condition.set(wanted, "ReplicaFailure", true, creating ? "FailedCreate" : "FailedDelete", message, now);
        } else if (expectations.satisfied(Key.of(set))) {
            Condition.remove(wanted, "ReplicaFailure");
        }
        if (Condition.listIn(wanted).isEmpty()) {
            wanted.remove(Condition.LIST);
        }
        return wanted;
    }

    private Outcome lookAgain(ObjectNode set, List<ObjectNode> active) {
        int minReady = WorkloadView.of(set).minReadySeconds();
        var now = clock.instant();
        return active.stream()
                .filter(pod -> PodView.of(pod).isReady())
                .map(pod -> PodView.of(pod).availableIn(minReady, now))
                .filter(Duration::isPositive)
                .min(Duration::compareTo)
                .map(delay -> Outcome.after(delay, "minReadySeconds"))
                .orElse(Outcome.SETTLED);
    }

    private Collection<Key> setsOf(ObjectEvent event) {
        ObjectNode pod = event.object();
        Optional<Key> owner = Owners.controllerName(pod, flavor.group(), flavor.kind())
                .map(name -> new Key(Meta.namespace(pod), name));
        if (owner.isPresent()) {
            observe(owner.get(), event);
            return List.of(owner.get());
        }
        return sets.inNamespace(Meta.namespace(pod)).stream()
                .filter(set -> LabelSelectors.matches(flavor.selector().apply(set), Meta.labels(pod)))
                .map(Key::of)
                .toList();
    }

    private void observe(Key owner, ObjectEvent event) {
        switch (event) {
            case ObjectEvent.Added(var pod) -> {
                expectations.created(owner);
                observeDeletion(owner, pod);
            }
            case ObjectEvent.Updated(var _, var pod) -> observeDeletion(owner, pod);
            case ObjectEvent.Deleted(var pod) -> expectations.deleted(owner, Meta.uid(pod));
        }
    }

    private void observeDeletion(Key owner, ObjectNode pod) {
        if (Meta.isBeingDeleted(pod)) {
            expectations.deleted(owner, Meta.uid(pod));
        }
    }

    private static JsonNode plainSelector(JsonNode controller) {
        ObjectNode selector = Json.object();
        selector.set("matchLabels", WorkloadView.of(controller).selector().deepCopy());
        return selector;
    }
}
