package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.resources.Amounts;
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
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The kubelets of all simulated nodes: takes pods bound to them through [PodLife], and ends them gracefully. Reads
/// each pod as its own last write left it, so that a step is never decided on a state already left.
final class PodRunner implements Controller {

    private static final Duration CLAIM_RETRY = Duration.ofSeconds(2);
    private static final Duration SANDBOX_RETRY = Duration.ofSeconds(10);

    /// How often a resize is looked at again that the node has no room for.
    private static final Duration RESIZE_RETRY = Duration.ofSeconds(5);

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Map<String, SimulatedNode> nodes;
    private final Duration pace;
    private final PodAddresses addresses = new PodAddresses();
    private final Map<String, Instant> stopping = new ConcurrentHashMap<>();
    private final Map<String, Wait> waits = new ConcurrentHashMap<>();

    private PodRunner(ControllerContext context, List<SimulatedNode> nodes, Duration pace) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.nodes = nodes.stream().collect(Collectors.toMap(SimulatedNode::name, Function.identity()));
        this.pace = pace;
    }

    record Factory(List<SimulatedNode> nodes, Duration pace) implements ControllerFactory {
        @Override
        public String name() {
            return "kubelet";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new PodRunner(context, nodes, pace);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.PODS, this::ourPod).workers(16);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> pod = client.atHand().get(Resources.PODS, key.namespace(), key.name());
        if (pod.isEmpty()) {
            return Outcome.SETTLED;
        }
        SimulatedNode node = nodes.get(PodView.of(pod.get()).nodeName());
        if (node == null) {
            return Outcome.SETTLED;
        }
        return Meta.isBeingDeleted(pod.get()) ? end(pod.get(), node) : advance(pod.get(), node);
    }

    /// Until when a pod has nothing to do; one that somebody changes meanwhile is looked at at once.
    private record Wait(Instant until, long generation) {

        static final Wait NONE = new Wait(Instant.MIN, 0);

        Instant of(ObjectNode pod) {
            return generation == Meta.generation(pod) ? until : Instant.MIN;
        }
    }

    private Outcome advance(ObjectNode pod, SimulatedNode node) {
        Instant now = clock.instant();
        Instant due = waits.getOrDefault(Meta.uid(pod), Wait.NONE).of(pod);
        if (due.isAfter(now)) {
            return Outcome.after(Duration.between(now, due), "its next step");
        }
        if (!pod.path("status").hasNonNull("startTime") && HostPorts.collide(client, pod)) {
            writeStatus(
                    pod,
                    PodLife.rejected(
                            pod,
                            "NodePorts",
                            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
                            now));
            return Outcome.SETTLED;
        }
        if (!pod.path("status").hasNonNull("podIP") && !PodView.of(pod).isTerminal()) {
            Optional<String> unmounted = PodClaims.whyNotMounted(client, pod);
            if (unmounted.isPresent()) {
                return awaitClaims(pod, node, unmounted.get());
            }
            String handler = handlerOf(pod);
            if (!node.canRun(handler)) {
                return refuseSandbox(pod, node, handler);
            }
        }
        Optional<Resize.Refusal> resize = resize(pod, node);
        Optional<PodLife.Step> next = PodLife.next(pod, podIp(pod, node), node.hostIp(), resize, pace, now);
        boolean deferred = resize.filter(why -> why.reason().equals("Deferred")).isPresent();
        Duration deadline = PodView.of(pod).isTerminal()
                ? Duration.ZERO
                : PodLife.untilDeadline(pod, now)
                        .map(left -> left.plusMillis(50))
                        .orElse(Duration.ZERO);
        if (deferred && (deadline.isZero() || deadline.compareTo(RESIZE_RETRY) > 0)) {
            deadline = RESIZE_RETRY;
        }
        if (next.isEmpty()) {
            return deadline.isZero()
                    ? Outcome.SETTLED
                    : Outcome.after(deadline, deferred ? "room for its resize" : "activeDeadlineSeconds");
        }
        PodLife.Step step = next.get();
        Duration again = step.again();
        if (!deadline.isZero() && (again.isZero() || deadline.compareTo(again) < 0)) {
            again = deadline;
        }
        if (!again.isZero()) {
            waits.put(Meta.uid(pod), new Wait(now.plus(again), Meta.generation(pod)));
        }
        if (!step.status().isEmpty()) {
            writeStatus(pod, step.status());
        }
        step.events().forEach(told -> event(pod, node, told.type(), told.reason(), told.message()));
        return again.isZero() ? Outcome.SETTLED : Outcome.after(again, "its next step");
    }

    /// Why the node does not give what the pod wants now; empty where it does, or nothing else is wanted.
    private Optional<Resize.Refusal> resize(ObjectNode pod, SimulatedNode node) {
        if (!Resize.isWanted(pod)) {
            return Optional.empty();
        }
        var others =
                client
                        .list(Resources.PODS, "", new ObjectClient.Query("", "spec.nodeName=" + node.name()))
                        .items()
                        .stream()
                        .filter(other -> !Meta.uid(other).equals(Meta.uid(pod)))
                        .map(PodView::of)
                        .filter(other -> !other.isTerminal())
                        .map(PodView::heldRequests)
                        .toList();
        return Resize.refusal(pod, Amounts.ofTexts(node.pool().capacity()), Amounts.sum(others));
    }

    private Outcome awaitClaims(ObjectNode pod, SimulatedNode node, String why) {
        showCreating(pod, node);
        event(pod, node, "Warning", "FailedMount", why);
        return Outcome.after(CLAIM_RETRY, "its claims");
    }

    private void showCreating(ObjectNode pod, SimulatedNode node) {
        if (!pod.path("status").hasNonNull("startTime")) {
            PodLife.next(pod, "", node.hostIp(), Optional.empty(), pace, clock.instant())
                    .ifPresent(step -> writeStatus(pod, step.status()));
        }
    }

    private Outcome refuseSandbox(ObjectNode pod, SimulatedNode node, String handler) {
        showCreating(pod, node);
        events.record(
                pod,
                "Warning",
                "FailedCreatePodSandBox",
                "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no"
                        + " runtime for \"" + handler + "\" is configured",
                node.name());
        return Outcome.after(SANDBOX_RETRY, "a node with runtime " + handler);
    }

    /// Stops the containers, then removes the pod after a short simulated stop, never longer than its grace period.
    private Outcome end(ObjectNode pod, SimulatedNode node) {
        Instant now = clock.instant();
        Duration grace = Duration.ofSeconds(
                pod.path("metadata").path("deletionGracePeriodSeconds").asLong(30));
        Duration stop = grace.compareTo(pace) < 0 ? grace : pace;
        Instant since = stopping.get(Meta.uid(pod));
        if (since == null && !stop.isZero()) {
            stopping.put(Meta.uid(pod), now);
            if (!PodView.of(pod).isTerminal()) {
                PodView.of(pod).spec().containers(Kind.ORDINARY).forEach(c -> killing(pod, node, c.tree()));
                notReady(pod, now);
            }
            return Outcome.after(stop, "containers to stop");
        }
        if (since != null && since.plus(stop).isAfter(now)) {
            return Outcome.after(Duration.between(now, since.plus(stop)), "containers to stop");
        }
        remove(pod);
        return Outcome.SETTLED;
    }

    private void remove(ObjectNode pod) {
        ObjectNode options = Json.object().put("gracePeriodSeconds", 0);
        options.putObject("preconditions").put("uid", Meta.uid(pod));
        try {
            client.delete(Resources.PODS, Meta.namespace(pod), Meta.name(pod), options);
        } catch (ApiException e) {
            if (!e.is("NotFound") && !e.is("Conflict")) {
                throw e;
            }
        }
    }

    private void notReady(ObjectNode pod, Instant now) {
        ObjectNode status = Statuses.of(pod);
        Condition.set(status, "Ready", false, "PodCompleted", "", now);
        ObjectNode patch = Json.object();
        patch.set(Condition.LIST, Condition.listIn(status));
        writeStatus(pod, patch);
    }

    private void writeStatus(ObjectNode pod, ObjectNode status) {
        try {
            client.mergePatch(Resources.PODS, Meta.namespace(pod), Meta.name(pod), "status", Statuses.patch(status));
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private void killing(ObjectNode pod, SimulatedNode node, JsonNode container) {
        event(
                pod,
                node,
                "Normal",
                "Killing",
                "Stopping container " + container.path("name").asText());
    }

    private void event(ObjectNode pod, SimulatedNode node, String type, String reason, String message) {
        events.record(pod, type, reason, message, node.name());
    }

    private String podIp(ObjectNode pod, SimulatedNode node) {
        return pod.path("spec").path("hostNetwork").asBoolean() ? node.hostIp() : addresses.of(Meta.uid(pod), node);
    }

    private String handlerOf(ObjectNode pod) {
        String runtimeClass = pod.path("spec").path("runtimeClassName").asText("");
        return runtimeClass.isEmpty()
                ? ""
                : client.get(Resources.RUNTIME_CLASSES, "", runtimeClass)
                        .map(rc -> rc.path("handler").asText())
                        .orElse(runtimeClass);
    }

    private Collection<Key> ourPod(ObjectEvent event) {
        ObjectNode pod = event.object();
        if (!nodes.containsKey(PodView.of(pod).nodeName())) {
            return List.of();
        }
        if (event instanceof ObjectEvent.Deleted) {
            addresses.release(Meta.uid(pod));
            stopping.remove(Meta.uid(pod));
            waits.remove(Meta.uid(pod));
            return List.of();
        }
        String ip = pod.path("status").path("podIP").asText("");
        if (!ip.isEmpty() && !pod.path("spec").path("hostNetwork").asBoolean()) {
            addresses.observe(Meta.uid(pod), ip);
        }
        return List.of(Key.of(pod));
    }
}
