package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// What the API lets a tenant change in the spec of a pod that runs: ephemeral containers are added, resources resized,
/// tolerations added, the deadline brought forward. Each goes through the same translation as a new pod, by the profile
/// that the pod runs under, and to the host by the subresource that is for it.
///
/// The host pod is marked with what was carried, so that only what the tenant changed is carried, never what a profile
/// or a newer translation would have made of the pod.
final class SpecUpdates {

    /// Annotation: hashes of the tenant's resources, and of its other fields that may change.
    static final String CARRIED = "insula.io/carried";

    private static final Duration WAIT = Duration.ofSeconds(1);

    private SpecUpdates() {}

    static String mark(Pod tenant) {
        return resources(tenant.getSpec()) + "." + others(tenant.getSpec());
    }

    static List<Change> of(Pod tenant, HasMetadata host, PodTranslator translator, TenantView view) {
        var carried = Kinds.annotation(host, CARRIED);
        var wanted = mark(tenant);
        if (wanted.equals(carried)) {
            return List.of();
        }
        if (carried.isEmpty()) {
            // made before there were marks: what it is now counts as carried
            return List.of(marked(host, wanted));
        }
        var services = ServiceEnvironment.of(tenant, view);
        if (services.isEmpty()) {
            return List.of(new LookAgain(WAIT, "the address of the tenant's API server"));
        }
        var profile = Kinds.annotation(host, InsulaLabels.PROFILE);
        var changes = new ArrayList<Change>();
        var translated = translator.translate(tenant, view, services.get(), profile);
        switch (translated.workload()) {
            case HostPod(var pod)
            when host instanceof Pod current -> {
                boolean resized = !carried.startsWith(resources(tenant.getSpec()) + ".");
                ephemeral(pod, current, changes);
                if (resized) {
                    resize(pod, current, changes);
                }
                spec(tenant, pod, current, changes);
            }
            case HostPod _, HostVirtualMachine _ ->
                changes.add(refused(tenant, "spec: a virtual machine's pod cannot be changed while it runs", view));
            case Unsupported(var field, var message) -> changes.add(refused(tenant, field + ": " + message, view));
        }
        if (!translated.notes().isEmpty()) {
            changes.add(PodNotes.told(tenant, translated.notes(), view.now()));
        }
        changes.add(marked(host, wanted));
        return changes;
    }

    private static Change marked(HasMetadata host, String mark) {
        var patch = Trees.object();
        patch.withObject("/metadata/annotations").put(CARRIED, mark);
        return new PatchHost(PodSyncer.kindOf(host), host, patch);
    }

    private static Change refused(Pod tenant, String message, TenantView view) {
        return TenantEvents.warning(
                tenant,
                "Unsupported",
                "not changed on the host: " + message,
                view.now().toString());
    }

    private static void ephemeral(Pod wanted, Pod current, List<Change> changes) {
        var there = current.getSpec().getEphemeralContainers().stream()
                .map(EphemeralContainer::getName)
                .collect(Collectors.toSet());
        var patch = Trees.object();
        var added = patch.withObject("/spec").putArray(PodLists.EPHEMERAL);
        wanted.getSpec().getEphemeralContainers().stream()
                .filter(each -> !there.contains(each.getName()))
                .forEach(each -> added.add(Trees.of(each)));
        if (!added.isEmpty()) {
            changes.add(new PatchHost(Kinds.POD, current, "ephemeralcontainers", patch));
        }
    }

    private static void resize(Pod wanted, Pod current, List<Change> changes) {
        var patch = Trees.object();
        resources(
                PodLists.ORDINARY,
                wanted.getSpec().getContainers(),
                current.getSpec().getContainers(),
                patch);
        resources(
                PodLists.INIT,
                wanted.getSpec().getInitContainers(),
                current.getSpec().getInitContainers(),
                patch);
        if (!patch.isEmpty()) {
            changes.add(new PatchHost(Kinds.POD, current, "resize", patch));
        }
    }

    private static void resources(String field, List<Container> wanted, List<Container> current, ObjectNode patch) {
        for (var container : wanted) {
            boolean same = current.stream()
                    .anyMatch(each -> each.getName().equals(container.getName())
                            && Objects.equals(each.getResources(), container.getResources()));
            if (!same && container.getResources() != null) {
                patch.withObject("/spec")
                        .withArray("/" + field)
                        .addObject()
                        .put("name", container.getName())
                        .set("resources", Trees.of(container.getResources()));
            }
        }
    }

    private static void spec(Pod tenant, Pod wanted, Pod current, List<Change> changes) {
        var spec = Trees.object();
        var deadline = tenant.getSpec().getActiveDeadlineSeconds();
        if (deadline != null && !deadline.equals(current.getSpec().getActiveDeadlineSeconds())) {
            spec.put("activeDeadlineSeconds", deadline);
        }
        var tolerations = tolerations(wanted, current);
        if (!tolerations.equals(current.getSpec().getTolerations())) {
            spec.set("tolerations", Trees.of(tolerations));
        }
        if (!spec.isEmpty()) {
            changes.add(new PatchHost(Kinds.POD, current, Trees.object().set("spec", spec)));
        }
    }

    /// The host pod's own, with the seconds and additions of the tenant's as the profile lets them through.
    private static List<Toleration> tolerations(Pod wanted, Pod current) {
        var merged = new ArrayList<>(current.getSpec().getTolerations());
        for (var each : wanted.getSpec().getTolerations()) {
            if (!merged.contains(each)) {
                merged.removeIf(old -> withoutSeconds(old).equals(withoutSeconds(each)));
                merged.add(each);
            }
        }
        return merged;
    }

    private static Toleration withoutSeconds(Toleration toleration) {
        return new TolerationBuilder(toleration).withTolerationSeconds(null).build();
    }

    private static String resources(PodSpec spec) {
        var all = Trees.object();
        all.set(PodLists.ORDINARY, resources(spec.getContainers()));
        all.set(PodLists.INIT, resources(spec.getInitContainers()));
        return NameMap.hash("spec", all.toString());
    }

    private static JsonNode resources(List<Container> containers) {
        var all = Trees.object();
        containers.forEach(each ->
                all.set(each.getName(), each.getResources() == null ? Trees.object() : Trees.of(each.getResources())));
        return all;
    }

    private static String others(PodSpec spec) {
        var all = Trees.object();
        all.set(PodLists.EPHEMERAL, Trees.of(spec.getEphemeralContainers()));
        all.set("tolerations", Trees.of(spec.getTolerations()));
        all.put("activeDeadlineSeconds", spec.getActiveDeadlineSeconds());
        return NameMap.hash("spec", all.toString());
    }
}
