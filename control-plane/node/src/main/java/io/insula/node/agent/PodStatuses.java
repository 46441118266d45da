package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.node.pod.PodAddresses;
import io.insula.node.pod.Resourcing;
import io.insula.node.runtime.Container.State.Created;
import io.insula.node.runtime.Container.State.Exited;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.Container.State.Unknown;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/// The status of a pod, in upstream's words. Pure.
///
/// Source: Kubernetes, "Pod Lifecycle", phases, conditions and container states; `pkg/kubelet/status/generate.go`.
final class PodStatuses {

    private static final String RESIZE_PENDING = "PodResizePending";
    private static final String RESIZE_IN_PROGRESS = "PodResizeInProgress";
    private static final Set<String> OURS = Set.of(
            "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", RESIZE_PENDING, RESIZE_IN_PROGRESS);

    private PodStatuses() {}

    /// What the node knows beside the runtime.
    ///
    /// @param started containers, by name, that have passed their startup probe, or have none and run
    /// @param ready containers, by name, whose readiness holds
    /// @param waiting why a container, by name, does not run: reason and message
    /// @param messages what ended containers, by id, said of it
    /// @param holds what a container has been given
    /// @param resizePending why the pod has not been given what is wanted: reason and message
    /// @param resizeInProgress why what it was given is not in force
    /// @param verdict phase, reason and message that the node has decided, whatever the containers say
    record Known(
            PodAddresses addresses,
            Instant startedAt,
            Set<String> started,
            Set<String> ready,
            Map<String, Why> waiting,
            Function<io.insula.node.runtime.Container, String> messages,
            Function<Container, ResourceRequirements> holds,
            Optional<Why> resizePending,
            Optional<Why> resizeInProgress,
            Optional<Verdict> verdict) {}

    record Why(String reason, String message) {}

    record Verdict(String phase, String reason, String message) {}

    /// Whether a pod of this status has ended for good.
    static boolean isOver(PodStatus status) {
        return "Failed".equals(status.getPhase()) || "Succeeded".equals(status.getPhase());
    }

    static PodStatus of(PodView view, Known known, Instant now) {
        Pod pod = view.pod();
        var status = new PodStatusBuilder()
                .withHostIP(known.addresses().host())
                .addNewHostIP(known.addresses().host())
                .withStartTime(text(known.startedAt()))
                .withQosClass(Resourcing.qos(pod))
                .withObservedGeneration(pod.getMetadata().getGeneration());
        if (!known.addresses().pod().isEmpty()) {
            status.withPodIP(known.addresses().pod().getFirst());
            known.addresses().pod().forEach(status::addNewPodIP);
        }
        boolean initialized = isInitialized(view, known);
        List<ContainerStatus> inits = pod.getSpec().getInitContainers().stream()
                .map(c -> container(view, known, c, "PodInitializing", now))
                .toList();
        String waits =
                pod.getSpec().getInitContainers().isEmpty() || initialized ? "ContainerCreating" : "PodInitializing";
        List<ContainerStatus> containers = pod.getSpec().getContainers().stream()
                .map(c -> container(view, known, c, waits, now))
                .toList();
        List<ContainerStatus> ephemeral = view.ephemeral().stream()
                .map(c -> ephemeral(view, known, c, inits.isEmpty() ? "ContainerCreating" : "PodInitializing"))
                .toList();
        String phase = known.verdict().map(Verdict::phase).orElseGet(() -> phase(view, initialized));
        known.verdict()
                .filter(v -> !v.reason().isEmpty())
                .ifPresent(verdict -> status.withReason(verdict.reason()).withMessage(verdict.message()));
        List<PodCondition> disruption = known.verdict().stream()
                .filter(verdict -> verdict.reason().equals("Evicted"))
                .map(verdict ->
                        condition(pod, "DisruptionTarget", true, "TerminationByKubelet", verdict.message(), now))
                .toList();
        return status.withPhase(phase)
                .withInitContainerStatuses(inits)
                .withContainerStatuses(containers)
                .withEphemeralContainerStatuses(ephemeral)
                .withConditions(Stream.of(
                                conditions(view, initialized, phase, containers, inits, now),
                                resizes(pod, known, now),
                                disruption)
                        .flatMap(List::stream)
                        .toList())
                .build();
    }

    private static boolean isInitialized(PodView view, Known known) {
        boolean began = view.pod().getSpec().getContainers().stream()
                .anyMatch(c -> view.current(c.getName()).isPresent());
        return began
                || view.pod().getSpec().getInitContainers().stream()
                        .allMatch(init -> PodView.isSidecar(init)
                                ? known.started().contains(init.getName())
                                : view.current(init.getName()).isPresent()
                                        && view.ended(init.getName())
                                                .map(end -> end.code() == 0)
                                                .orElse(false));
    }

    private static String phase(PodView view, boolean initialized) {
        boolean begun = view.pod().getSpec().getContainers().stream()
                .allMatch(c -> view.newest(c.getName())
                        .map(found -> !(found.state() instanceof Created))
                        .orElse(false));
        return initialized && begun ? "Running" : "Pending";
    }

    private static ContainerStatus container(PodView view, Known known, Container spec, String waits, Instant now) {
        String name = spec.getName();
        List<io.insula.node.runtime.Container> all = view.containers().getOrDefault(name, List.of());
        var builder = new ContainerStatusBuilder()
                .withName(name)
                .withImage(spec.getImage())
                .withImageID("")
                .withReady(known.ready().contains(name))
                .withStarted(known.started().contains(name))
                .withRestartCount(0)
                .withLastState(new ContainerState());
        if (all.isEmpty()) {
            Why why = known.waiting().getOrDefault(name, new Why(waits, ""));
            return builder.withState(waiting(why)).build();
        }
        var newest = all.getFirst();
        ResourceRequirements holds = known.holds().apply(spec);
        if (!holds.getLimits().isEmpty() || !holds.getRequests().isEmpty()) {
            builder.withResources(holds).withAllocatedResources(holds.getRequests());
        }
        builder.withImageID(newest.imageRef())
                .withContainerID("containerd://" + newest.id())
                .withRestartCount(newest.attempt());
        ContainerState state = state(newest, known);
        Why why = known.waiting().get(name);
        if (newest.state() instanceof Exited end && known.verdict().isEmpty()) {
            Instant due = PodPlan.due(view, name, now);
            boolean comesBack = PodView.isSidecar(spec)
                    || (view.pod().getSpec().getInitContainers().contains(spec)
                            ? end.code() != 0 && !view.policy().equals("Never")
                            : PodPlan.restarts(view.policy(), end.code()));
            if (comesBack && why == null && due.isAfter(now)) {
                why = new Why(
                        "CrashLoopBackOff",
                        "back-off " + go(PodPlan.backOff(newest.attempt(), end)) + " restarting failed container="
                                + name + " pod=" + full(view.pod()));
            }
            if (comesBack && why != null) {
                return builder.withLastState(state).withState(waiting(why)).build();
            }
        }
        if (all.size() > 1) {
            builder.withLastState(state(all.get(1), known));
        }
        return builder.withState(state).build();
    }

    /// One that is never ready and never comes back.
    private static ContainerStatus ephemeral(PodView view, Known known, Container spec, String waits) {
        var builder = new ContainerStatusBuilder()
                .withName(spec.getName())
                .withImage(spec.getImage())
                .withImageID("")
                .withReady(false)
                .withRestartCount(0)
                .withLastState(new ContainerState());
        Why why = known.waiting().getOrDefault(spec.getName(), new Why(waits, ""));
        return view.newest(spec.getName())
                .filter(found -> !(found.state() instanceof Created))
                .map(found -> builder.withImageID(found.imageRef())
                        .withContainerID("containerd://" + found.id())
                        .withState(state(found, known)))
                .orElseGet(() -> builder.withState(waiting(why)))
                .build();
    }

    /// Go's way to write a span of whole seconds.
    private static String go(java.time.Duration span) {
        long minutes = span.toMinutes();
        return (minutes > 0 ? minutes + "m" : "") + span.toSecondsPart() + "s";
    }

    static String full(Pod pod) {
        return pod.getMetadata().getName() + "_" + pod.getMetadata().getNamespace() + "("
                + pod.getMetadata().getUid() + ")";
    }

    private static ContainerState waiting(Why why) {
        var builder = new ContainerStateBuilder().withNewWaiting().withReason(why.reason());
        if (!why.message().isEmpty()) {
            builder.withMessage(why.message());
        }
        return builder.endWaiting().build();
    }

    private static ContainerState state(io.insula.node.runtime.Container container, Known known) {
        return switch (container.state()) {
            case Created _ -> waiting(new Why("ContainerCreating", ""));
            case Running(var startedAt) ->
                new ContainerStateBuilder().withNewRunning(text(startedAt)).build();
            case Exited end -> terminated(container, end, known.messages().apply(container));
            case Unknown _ ->
                terminated(
                        container,
                        new Exited(137, "ContainerStatusUnknown", "", Instant.EPOCH, Instant.EPOCH),
                        "The container could not be located when the pod was terminated");
        };
    }

    private static ContainerState terminated(io.insula.node.runtime.Container container, Exited end, String message) {
        var builder = new ContainerStateBuilder()
                .withNewTerminated()
                .withContainerID("containerd://" + container.id())
                .withExitCode(end.code())
                .withReason(end.reason().isEmpty() ? end.code() == 0 ? "Completed" : "Error" : end.reason())
                .withStartedAt(text(end.startedAt()))
                .withFinishedAt(text(end.finishedAt()));
        String said = message.isEmpty() ? end.message() : message;
        if (!said.isEmpty()) {
            builder.withMessage(said);
        }
        return builder.endTerminated().build();
    }

    private static List<PodCondition> conditions(
            PodView view,
            boolean initialized,
            String phase,
            List<ContainerStatus> containers,
            List<ContainerStatus> inits,
            Instant now) {
        Pod pod = view.pod();
        boolean done = phase.equals("Succeeded") || phase.equals("Failed");
        List<String> unready = Stream.concat(
                        inits.stream().filter(s -> isSidecar(pod, s.getName())), containers.stream())
                .filter(s -> !s.getReady())
                .map(ContainerStatus::getName)
                .toList();
        boolean allReady = unready.isEmpty() && !done;
        var conditions = new ArrayList<PodCondition>();
        pod.getStatus().getConditions().stream()
                .filter(c -> !OURS.contains(c.getType()))
                .forEach(conditions::add);
        List<String> incomplete = pod.getSpec().getInitContainers().stream()
                .map(Container::getName)
                .filter(name -> !PodView.isSidecar(spec(pod, name))
                        && view.ended(name).map(e -> e.code() != 0).orElse(true))
                .toList();
        conditions.add(condition(pod, "PodReadyToStartContainers", view.hasReadySandbox() && !done, "", "", now));
        conditions.add(condition(
                pod,
                "Initialized",
                initialized,
                initialized ? phase.equals("Succeeded") ? "PodCompleted" : "" : "ContainersNotInitialized",
                initialized ? "" : "containers with incomplete status: [" + String.join(" ", incomplete) + "]",
                now));
        String reason =
                allReady ? "" : done ? phase.equals("Succeeded") ? "PodCompleted" : "PodFailed" : "ContainersNotReady";
        String message = allReady || done ? "" : "containers with unready status: [" + String.join(" ", unready) + "]";
        conditions.add(condition(pod, "ContainersReady", allReady, reason, message, now));
        boolean gates = pod.getSpec().getReadinessGates().stream()
                .allMatch(gate -> pod.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals(gate.getConditionType())
                                && c.getStatus().equals("True")));
        conditions.add(condition(
                pod,
                "Ready",
                allReady && gates,
                allReady && !gates ? "ReadinessGatesNotReady" : reason,
                allReady && !gates ? "corresponding condition of pod readiness gate is not \"True\"" : message,
                now));
        return conditions;
    }

    private static List<PodCondition> resizes(Pod pod, Known known, Instant now) {
        var conditions = new ArrayList<PodCondition>();
        known.resizePending()
                .ifPresent(
                        why -> conditions.add(condition(pod, RESIZE_PENDING, true, why.reason(), why.message(), now)));
        known.resizeInProgress()
                .ifPresent(why ->
                        conditions.add(condition(pod, RESIZE_IN_PROGRESS, true, why.reason(), why.message(), now)));
        return conditions;
    }

    private static boolean isSidecar(Pod pod, String name) {
        return PodView.isSidecar(spec(pod, name));
    }

    private static Container spec(Pod pod, String name) {
        return pod.getSpec().getInitContainers().stream()
                .filter(c -> c.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// The time of a condition is that of its last change.
    private static PodCondition condition(
            Pod pod, String type, boolean holds, String reason, String message, Instant now) {
        String status = holds ? "True" : "False";
        String since = pod.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type) && c.getStatus().equals(status))
                .map(PodCondition::getLastTransitionTime)
                .findFirst()
                .orElse(text(now));
        var builder = new PodConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .withLastTransitionTime(since);
        if (!reason.isEmpty()) {
            builder.withReason(reason);
        }
        if (!message.isEmpty()) {
            builder.withMessage(message);
        }
        return builder.build();
    }

    static String text(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
