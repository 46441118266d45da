package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.simulation.ContainerLife.Told;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a node gives the containers of a running pod when other resources are wanted than they have: at once, where the
/// node has them. Pure.
///
/// Source: KEP-1287 (in-place update of pod resources); kubernetes `pkg/kubelet/allocation/allocation_manager.go`.
final class Resize {

    private static final String PENDING = "PodResizePending";
    private static final List<String> RESIZABLE = List.of("cpu", "memory");

    private Resize() {}

    /// Why a node does not give what is wanted.
    ///
    /// @param reason `Infeasible`: it never can; `Deferred`: it cannot now
    record Refusal(String reason, String message) {}

    /// Whether something else is wanted than was given.
    static boolean isWanted(JsonNode pod) {
        JsonNode statuses = PodView.of(pod).statuses(Kind.ORDINARY);
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            JsonNode given = statuses.path(container.index()).path("resources");
            if (given.isObject() && !given.equals(resources(container.tree()))) {
                return true;
            }
        }
        return false;
    }

    /// @param allocatable of the node
    /// @param others what all other pods hold of the node
    static Optional<Refusal> refusal(JsonNode pod, Amounts allocatable, Amounts others) {
        Amounts wanted = PodView.of(pod).spec().requests();
        for (String resource : RESIZABLE) {
            if (wanted.get(resource).compareTo(allocatable.get(resource)) > 0) {
                return Optional.of(new Refusal(
                        "Infeasible",
                        "Node didn't have enough capacity: " + resource + ", requested: " + wanted.get(resource)
                                + ", capacity: " + allocatable.get(resource)));
            }
        }
        return RESIZABLE.stream()
                .filter(resource ->
                        wanted.get(resource).plus(others.get(resource)).compareTo(allocatable.get(resource)) > 0)
                .findFirst()
                .map(resource -> new Refusal("Deferred", "Node didn't have enough resource: " + resource));
    }

    /// Tells in a next status what each container has.
    ///
    /// @param before the last statuses of the containers
    /// @param next their next ones; changed
    /// @param status of the pod; its conditions are changed
    /// @return events worth telling
    static List<Told> apply(
            ObjectNode pod,
            JsonNode before,
            ArrayNode next,
            ObjectNode status,
            Optional<Refusal> refusal,
            Instant now) {
        var told = new ArrayList<Told>();
        boolean wanted = isWanted(pod);
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            if (!(next.path(container.index()) instanceof ObjectNode one)
                    || one.path("state").has("waiting")) {
                continue;
            }
            JsonNode given = before.path(container.index()).path("resources");
            JsonNode asked = resources(container.tree());
            boolean keep = given.isObject() && refusal.isPresent();
            JsonNode has = keep ? given : asked;
            if (given.isObject() && !keep && !given.equals(asked) && restarts(container.tree(), given, asked)) {
                restart(pod, container, one, now);
            }
            if (has.isEmpty() && !given.isObject()) {
                continue;
            }
            one.set("resources", has.deepCopy());
            if (has.path("requests").isObject()) {
                one.set("allocatedResources", has.path("requests").deepCopy());
            } else {
                one.remove("allocatedResources");
            }
        }
        if (wanted && refusal.isPresent()) {
            Refusal why = refusal.get();
            if (Condition.set(status, PENDING, true, why.reason(), why.message(), now)) {
                told.add(new Told("Warning", "Resize" + why.reason(), why.message()));
            }
        } else {
            Condition.remove(status, PENDING);
            if (wanted) {
                told.add(new Told("Normal", "ResizeCompleted", "Pod resize completed"));
            }
        }
        return told;
    }

    private static JsonNode resources(JsonNode container) {
        ObjectNode all = Json.object();
        for (String field : List.of("limits", "requests")) {
            JsonNode amounts = container.path("resources").path(field);
            if (amounts.isObject() && !amounts.isEmpty()) {
                all.set(field, amounts);
            }
        }
        return all;
    }

    private static boolean restarts(JsonNode container, JsonNode given, JsonNode asked) {
        for (JsonNode policy : container.path("resizePolicy")) {
            String resource = policy.path("resourceName").asText();
            boolean changes = !amount(given, "requests", resource).equals(amount(asked, "requests", resource))
                    || !amount(given, "limits", resource).equals(amount(asked, "limits", resource));
            if (changes && policy.path("restartPolicy").asText().equals("RestartContainer")) {
                return true;
            }
        }
        return false;
    }

    private static JsonNode amount(JsonNode resources, String field, String resource) {
        return resources.path(field).path(resource);
    }

    private static void restart(ObjectNode pod, ContainerView container, ObjectNode status, Instant now) {
        if (!status.path("state").has("running")) {
            return;
        }
        int restarts = status.path("restartCount").asInt() + 1;
        String start = status.path("state").path("running").path("startedAt").asText();
        ObjectNode last = Json.object();
        last.putObject("terminated")
                .put("exitCode", 137)
                .put("reason", "Error")
                .put("startedAt", start)
                .put("finishedAt", Meta.timestamp(now))
                .put("containerID", status.path("containerID").asText());
        status.set("lastState", last);
        status.putObject("state").putObject("running").put("startedAt", Meta.timestamp(now));
        status.put("restartCount", restarts)
                .put("containerID", "containerd://" + Meta.uid(pod) + "-" + container.name() + "-" + restarts);
    }
}
