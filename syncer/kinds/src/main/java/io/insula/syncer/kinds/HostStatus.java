package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pod's status in the tenant, from what runs on the host.
final class HostStatus {

    private static final String OBSERVED = "observedGeneration";

    /// What the tenant's own API server sets and keeps, and what counts the host's changes.
    private static final Set<String> TENANTS_OWN = Set.of("qosClass", OBSERVED);

    /// Conditions that only the node and the scheduler set: the host's, or none. All others that the tenant has are its
    /// controllers' and stay.
    private static final Set<String> HOSTS_OWN = Set.of(
            "PodScheduled",
            "PodReadyToStartContainers",
            "Initialized",
            "ContainersReady",
            "Ready",
            "PodResizePending",
            "PodResizeInProgress");

    /// All that a pod's status has of which no node has said anything.
    private static final Set<String> BEFORE_ITS_NODE = Set.of("phase", Conditions.FIELD, "qosClass", OBSERVED);

    /// How long a machine that nobody speaks of is nothing to tell of.
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String NOBODY =
            "nothing on the shared cluster has taken the virtual machine yet: does KubeVirt run there?";

    private HostStatus() {}

    static ObjectNode of(Pod tenant, HasMetadata host, TenantView view) {
        return switch (host) {
            case Pod pod -> ofPod(tenant, pod, view);
            case GenericKubernetesResource machine -> ofMachine(tenant, machine, view);
            default -> Trees.object();
        };
    }

    private static ObjectNode ofPod(Pod tenant, Pod host, TenantView view) {
        if (host.getStatus() == null) {
            return Trees.object();
        }
        ObjectNode tree = Trees.of(host.getStatus()).deepCopy();
        tree.remove(TENANTS_OWN);
        tree.path(Conditions.FIELD).forEach(condition -> ((ObjectNode) condition).remove(OBSERVED));
        HostTexts.translate(tree, () -> {
            var words = HostTexts.words(tenant, Kinds.POD.kind(), host, view);
            return text -> words.translate(ReadinessGates.inTenantsNames(tenant, text));
        });
        conditions(tenant, Conditions.of(tree));
        asked(tenant.getSpec().getResources(), tree);
        asked(tenant.getSpec().getContainers(), tree.path(PodLists.STATUSES));
        asked(tenant.getSpec().getInitContainers(), tree.path(PodLists.INIT_STATUSES));
        return tree;
    }

    /// A profile gives containers what they did not ask for; what is told of resources is what they did. kubectl
    /// counts on that: where a status has what its spec has not, `describe node` panics.
    private static void asked(List<Container> containers, JsonNode statuses) {
        for (var status : statuses) {
            containers.stream()
                    .filter(each -> each.getName().equals(status.path("name").asText()))
                    .findFirst()
                    .ifPresent(each -> asked(each.getResources(), status));
        }
    }

    private static void asked(@Nullable ResourceRequirements wanted, JsonNode status) {
        var requests = wanted == null || wanted.getRequests() == null
                ? Set.<String>of()
                : wanted.getRequests().keySet();
        var limits = wanted == null || wanted.getLimits() == null
                ? Set.<String>of()
                : wanted.getLimits().keySet();
        retain(status, "allocatedResources", requests);
        retain(status.path("resources"), "requests", requests);
        retain(status.path("resources"), "limits", limits);
    }

    private static void retain(JsonNode parent, String field, Set<String> names) {
        if (parent instanceof ObjectNode object && object.get(field) instanceof ObjectNode list) {
            list.retain(names);
            if (list.isEmpty()) {
                object.remove(field);
            }
        }
    }

    /// Says which of the tenant's own generations the node has seen: the newest, where all of it is on the host and the
    /// node has seen the host's newest, or says nothing of generations in the case of a machine. Else what was said
    /// stays.
    ///
    /// @param host which holds all that the tenant's pod says
    /// @param status of this class, written to
    static void observed(Pod tenant, HasMetadata host, ObjectNode status) {
        Long generation = tenant.getMetadata().getGeneration();
        if (generation != null && hasSeenAll(host)) {
            status.put(OBSERVED, generation);
        }
    }

    private static boolean hasSeenAll(HasMetadata host) {
        if (host instanceof Pod pod) {
            Long seen = pod.getStatus() == null ? null : pod.getStatus().getObservedGeneration();
            return seen != null
                    && seen >= Objects.requireNonNullElse(pod.getMetadata().getGeneration(), 0L);
        }
        return !Workloads.nodeName(host).isEmpty();
    }

    /// The host knows the tenant's gates by names of its own ([ReadinessGates]); the tenant's conditions of that name
    /// are the originals.
    private static void conditions(Pod tenant, Conditions conditions) {
        ReadinessGates.hostTypes(tenant).forEach(conditions::remove);
        if (tenant.getStatus() == null) {
            return;
        }
        for (var own : tenant.getStatus().getConditions()) {
            boolean tenants = !HOSTS_OWN.contains(own.getType())
                    && (ReadinessGates.types(tenant).contains(own.getType()) || !conditions.has(own.getType()));
            if (tenants) {
                conditions.remove(own.getType());
                conditions.list().add(Trees.of(own));
            }
        }
    }

    /// Whether the tenant's controllers have a part in the conditions, so that two writers can meet in them.
    static boolean isShared(Pod tenant) {
        return !tenant.getSpec().getReadinessGates().isEmpty()
                || (tenant.getStatus() != null
                        && tenant.getStatus().getConditions().stream()
                                .anyMatch(condition -> !HOSTS_OWN.contains(condition.getType())));
    }

    /// Source: KubeVirt user guide, "Virtual machine instances", "Lifecycle": phases and the Ready condition.
    private static ObjectNode ofMachine(Pod tenant, GenericKubernetesResource machine, TenantView view) {
        var status = Trees.of(machine).path("status");
        var phase = phase(status.path("phase").asText(""));
        var tree = Trees.object().put("phase", phase);
        var node = Workloads.nodeName(machine);
        boolean ready = phase.equals("Running") && Conditions.of(status).isTrue("Ready");
        var since = since(machine, status);
        if (node.isEmpty()
                && phase.equals("Pending")
                && !status.path("phase").asText("").equals("Scheduled")) {
            unscheduled(tree, Conditions.of(status), isNew(machine, view));
            HostTexts.translate(tree, () -> HostTexts.words(tenant, Kinds.POD.kind(), machine, view)::translate);
            return tree;
        }
        var conditions = Conditions.none(tree);
        conditions.add("PodScheduled", true, since);
        conditions.add("Initialized", phase.equals("Running"), since);
        conditions.add("ContainersReady", ready, since);
        conditions.add("Ready", ready, since);
        if (!node.isEmpty()) {
            tree.put("startTime", since);
            view.hostObject(Kinds.NODE, node)
                    .map(HostStatus::internalIp)
                    .filter(ip -> !ip.isEmpty())
                    .ifPresent(ip -> {
                        tree.put("hostIP", ip);
                        tree.putArray("hostIPs").addObject().put("ip", ip);
                    });
        }
        var address = status.path("interfaces").path(0).path("ipAddress").asText("");
        if (!address.isEmpty()) {
            tree.put("podIP", address);
            tree.putArray("podIPs").addObject().put("ip", address);
        }
        if (!tenant.getSpec().getInitContainers().isEmpty()) {
            initContainers(tenant, phase, ready, since, tree.putArray(PodLists.INIT_STATUSES));
        }
        containers(tenant.getSpec().getContainers(), phase, ready, since, tree.putArray(PodLists.STATUSES));
        return tree;
    }

    /// Why no node has it: as the scheduler says of its launcher, or KubeVirt of what it could not do. A machine that
    /// says nothing itself for a while is one that nobody on the host has taken.
    private static void unscheduled(ObjectNode tree, Conditions machine, boolean isNew) {
        var why = Stream.of("PodScheduled", "Synchronized")
                .flatMap(type -> machine.find(type).stream())
                .filter(each -> each.path("status").asText().equals("False"))
                .findFirst();
        if (why.isEmpty() && isNew) {
            return;
        }
        var reason = why.map(each -> each.path("reason").asText()).orElse("");
        Conditions.none(tree)
                .add("PodScheduled", "False")
                .put("reason", reason.isEmpty() ? "Unschedulable" : reason)
                .put("message", why.map(each -> each.path("message").asText()).orElse(NOBODY));
    }

    private static boolean isNew(HasMetadata machine, TenantView view) {
        try {
            var created = Instant.parse(
                    Objects.requireNonNullElse(machine.getMetadata().getCreationTimestamp(), ""));
            return view.now().isBefore(created.plus(PATIENCE));
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    /// Whether the tenant's pod does not say yet what it should.
    ///
    /// @param status of this class
    /// @param hasNode whether the host's pod is bound: then the tenant's is, or will be by the same decision
    static boolean isNews(Pod tenant, ObjectNode status, boolean hasNode) {
        var told = Trees.of(tenant.getStatus());
        return !(hasNode && isToldByBinding(tenant, told, status)) && !Trees.contains(told, status);
    }

    /// Whether there is nothing to say but that the pod has a node, as nothing else was said before: its binding says
    /// that in the tenant, and another write would only move its time.
    private static boolean isToldByBinding(Pod tenant, JsonNode told, ObjectNode status) {
        return isBeforeItsNode(status)
                && Conditions.of(status).isTrue("PodScheduled")
                && isBeforeItsNode(told)
                && (Workloads.nodeName(tenant).isEmpty() || Conditions.of(told).isTrue("PodScheduled"));
    }

    private static boolean isBeforeItsNode(JsonNode status) {
        var conditions = Conditions.of(status);
        return BEFORE_ITS_NODE.containsAll(
                        status.properties().stream().map(Map.Entry::getKey).toList())
                && status.path("phase").asText("Pending").equals("Pending")
                && conditions.list().size() == (conditions.has("PodScheduled") ? 1 : 0);
    }

    /// Whether nothing is known of a machine yet.
    static boolean isUntold(JsonNode status) {
        return status.path("phase").asText().equals("Pending")
                && Conditions.of(status).isEmpty();
    }

    /// What keeps the pod from a node, as its status tells; empty for nothing that is told.
    static Optional<String> waitsFor(JsonNode status) {
        return Conditions.of(status)
                .find("PodScheduled")
                .filter(each -> each.path("status").asText().equals("False"))
                .map(each -> each.path("message").asText());
    }

    /// A machine runs once its guest's init containers are done; sidecars are init containers that stay.
    static void initContainers(Pod tenant, String phase, boolean ready, String since, ArrayNode statuses) {
        for (var container : tenant.getSpec().getInitContainers()) {
            boolean stays = "Always".equals(container.getRestartPolicy());
            boolean done = !stays && phase.equals("Running");
            containers(List.of(container), done ? "Succeeded" : phase, done || ready, since, statuses);
        }
    }

    static void containers(List<Container> containers, String phase, boolean ready, String since, ArrayNode statuses) {
        for (var container : containers) {
            var each = statuses.addObject()
                    .put("name", container.getName())
                    .put("image", container.getImage())
                    .put("imageID", "")
                    .put("ready", ready)
                    .put("started", phase.equals("Running"))
                    .put("restartCount", 0);
            var state = each.putObject("state");
            switch (phase) {
                case "Running" -> state.putObject("running").put("startedAt", since);
                case "Succeeded" ->
                    state.putObject("terminated").put("exitCode", 0).put("reason", "Completed");
                case "Failed" ->
                    state.putObject("terminated").put("exitCode", 1).put("reason", "Error");
                default -> state.putObject("waiting").put("reason", "ContainerCreating");
            }
        }
    }

    private static String phase(String machinePhase) {
        return switch (machinePhase) {
            case "Running", "Succeeded", "Failed", "Unknown" -> machinePhase;
            default -> "Pending";
        };
    }

    private static String since(GenericKubernetesResource machine, JsonNode status) {
        for (var transition : status.path("phaseTransitionTimestamps")) {
            if (transition.path("phase").asText().equals("Running")) {
                return transition.path("phaseTransitionTimestamp").asText();
            }
        }
        return Objects.requireNonNullElse(machine.getMetadata().getCreationTimestamp(), "");
    }

    static String internalIp(Node node) {
        var addresses = node.getStatus() == null
                ? List.<NodeAddress>of()
                : node.getStatus().getAddresses();
        return addresses.stream()
                .filter(address -> "InternalIP".equals(address.getType()))
                .map(NodeAddress::getAddress)
                .findFirst()
                .orElse("");
    }
}
