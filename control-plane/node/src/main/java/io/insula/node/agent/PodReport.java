package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.agent.PodStatuses.Known;
import io.insula.node.agent.PodStatuses.Verdict;
import io.insula.node.agent.PodStatuses.Why;
import io.insula.node.pod.Resourcing;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// Writes the status of one pod where it differs from what was written before. Confined to the pod's thread, but for
/// [#seen].
final class PodReport {

    private final NodeContext node;
    private final PodHealth health;
    private final PodResize resize;
    private final AtomicReference<Pod> current;
    private PodStatus written = new PodStatus();
    private volatile PodView seen;
    private volatile boolean over;

    /// @param current the pod as it is known; what the API server answers takes its place
    PodReport(NodeContext node, PodHealth health, PodResize resize, AtomicReference<Pod> current) {
        this.node = node;
        this.health = health;
        this.resize = resize;
        this.current = current;
        this.seen = new PodView(current.get(), Optional.empty(), Map.of());
    }

    /// What was last told, or is being told. From any thread.
    PodView seen() {
        return seen;
    }

    /// Whether the pod has ended for good. Known before anybody is told: who hears of it may send the next pod at once.
    /// From any thread.
    boolean isOver() {
        return over || PodStatuses.isOver(current.get().getStatus());
    }

    /// Writes again next time, whatever others have made of the status meanwhile.
    void forget() {
        written = new PodStatus();
    }

    /// @param waiting why a container, by name, does not run
    /// @param verdict what the node has decided, whatever the containers say
    void write(PodView view, Map<String, Why> waiting, Optional<Verdict> verdict) {
        Pod wanted = view.pod();
        seen = view;
        Set<String> started = new HashSet<>();
        Set<String> ready = new HashSet<>();
        for (Container container : view.all()) {
            String name = container.getName();
            boolean init = wanted.getSpec().getInitContainers().contains(container) && !PodView.isSidecar(container);
            if (health.isStarted(view, name)) {
                started.add(name);
            }
            boolean completed = init && view.ended(name).map(e -> e.code() == 0).orElse(false);
            if (completed || (!init && health.isReady(view, name))) {
                ready.add(name);
            }
        }
        String since = wanted.getStatus().getStartTime();
        var known = new Known(
                view.addresses(node.settings().facts().address()),
                since == null ? Instant.now() : Instant.parse(since),
                started,
                ready,
                waiting,
                container -> TerminationMessages.of(
                        wanted,
                        container,
                        node.settings().pods(),
                        container.log().orElse(Path.of("/nonexistent"))),
                container -> resize.holds(view, container),
                resize.pending(),
                resize.inProgress(),
                verdict);
        PodStatus status = PodStatuses.of(view, known, Instant.now());
        if (PodStatuses.isOver(status)) {
            over = true;
        }
        if (!status.equals(wanted.getStatus()) && !status.equals(written)) {
            patch(wanted, status);
            written = status;
        }
    }

    /// Of a pod that never was here.
    void reject(Pod wanted, Verdict verdict) {
        patch(
                wanted,
                new PodStatusBuilder()
                        .withPhase(verdict.phase())
                        .withReason(verdict.reason())
                        .withMessage(verdict.message())
                        .withQosClass(Resourcing.qos(wanted))
                        .withObservedGeneration(wanted.getMetadata().getGeneration())
                        .build());
    }

    private void patch(Pod wanted, PodStatus status) {
        var metadata = wanted.getMetadata();
        String patch = Serialization.asJson(Map.of("metadata", Map.of("uid", metadata.getUid()), "status", status));
        try {
            Pod patched = node.client()
                    .pods()
                    .inNamespace(metadata.getNamespace())
                    .withName(metadata.getName())
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
            // Only in the place of what it was made from: the watch may have brought a later one, and brings this one.
            current.compareAndSet(wanted, patched);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }
}
