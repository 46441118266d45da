package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.pod.EphemeralContainers;
import io.insula.node.pod.Labels;
import io.insula.node.pod.PodAddresses;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State.Exited;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.Sandbox;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pod as it is meant and as the runtime has it. Immutable.
///
/// @param sandbox its newest, ready or not
/// @param containers of each name, the newest first
record PodView(Pod pod, Optional<Sandbox> sandbox, Map<String, List<Container>> containers) {
    static final int KEPT_OF_EACH = 2;

    /// What counts as without end.
    static final Duration FOR_EVER = Duration.ofDays(365);

    private static final long DEFAULT_GRACE_SECONDS = 30;

    PodView {
        containers = Map.copyOf(containers);
    }

    /// Asks the runtime, which keeps the newest of each name, and one before it.
    static PodView observe(ContainerRuntime runtime, Pod wanted) {
        String uid = wanted.getMetadata().getUid();
        Optional<Sandbox> sandbox = sandboxes(runtime, uid).stream()
                .max(Comparator.comparingInt(s -> s.name().attempt()))
                .flatMap(s -> runtime.sandbox(s.id()));
        Map<String, List<Container>> containers = runtime.containers(Labels.POD_UID, uid).stream()
                .sorted(Comparator.comparingInt(Container::attempt).reversed())
                .collect(Collectors.groupingBy(Container::name));
        containers.replaceAll((_, all) -> all.stream()
                .limit(KEPT_OF_EACH)
                .flatMap(c -> runtime.container(c.id()).map(full -> with(full, c)).stream())
                .toList());
        return new PodView(wanted, sandbox, containers);
    }

    /// The listed one is sure of its sandbox.
    private static Container with(Container full, Container listed) {
        return new Container(
                full.id(),
                listed.sandbox(),
                full.name(),
                full.attempt(),
                full.state(),
                full.image(),
                full.imageRef(),
                full.createdAt(),
                full.labels(),
                full.annotations(),
                full.log());
    }

    static List<Sandbox> sandboxes(ContainerRuntime runtime, String uid) {
        return runtime.sandboxes(Labels.POD_UID, uid);
    }

    boolean hasReadySandbox() {
        return sandbox.map(Sandbox::isReady).orElse(false);
    }

    Optional<Container> newest(String name) {
        return containers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /// The newest, where it belongs to the sandbox that is there now.
    Optional<Container> current(String name) {
        return newest(name)
                .filter(container ->
                        sandbox.map(s -> s.id().equals(container.sandbox())).orElse(false));
    }

    Optional<Exited> ended(String name) {
        return newest(name).filter(c -> c.state() instanceof Exited).map(c -> (Exited) c.state());
    }

    boolean isRunning(String name) {
        return current(name).map(c -> c.state() instanceof Running).orElse(false);
    }

    int nextAttempt(String name) {
        return newest(name).map(container -> container.attempt() + 1).orElse(0);
    }

    String policy() {
        String policy = pod.getSpec().getRestartPolicy();
        return policy == null ? "Always" : policy;
    }

    static boolean isSidecar(io.fabric8.kubernetes.api.model.Container container) {
        return "Always".equals(container.getRestartPolicy());
    }

    /// All containers: init ones, sidecars among them, first.
    List<io.fabric8.kubernetes.api.model.Container> all() {
        return Stream.concat(pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
                .toList();
    }

    /// Those that were added while it ran.
    List<io.fabric8.kubernetes.api.model.Container> ephemeral() {
        return EphemeralContainers.of(pod);
    }

    /// How long its containers have to end where nobody says otherwise.
    Duration grace() {
        return seconds(pod.getSpec().getTerminationGracePeriodSeconds());
    }

    /// How long they have once the pod is being deleted.
    static Duration leave(Pod deleted) {
        return seconds(deleted.getMetadata().getDeletionGracePeriodSeconds());
    }

    /// @param given any number: longer than a year is a year, which no clock overflows by
    static Duration seconds(@Nullable Long given) {
        long seconds = given == null ? DEFAULT_GRACE_SECONDS : given;
        return Duration.ofSeconds(Math.clamp(seconds, 0, FOR_EVER.toSeconds()));
    }

    /// @param host address of the node
    PodAddresses addresses(String host) {
        if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            return new PodAddresses(sandbox.isPresent() ? List.of(host) : List.of(), host);
        }
        List<String> own = sandbox.map(Sandbox::addresses).orElse(List.of());
        List<String> known = pod.getStatus().getPodIP() == null
                ? List.of()
                : List.of(pod.getStatus().getPodIP());
        return new PodAddresses(own.isEmpty() ? known : own, host);
    }
}
