package io.insula.tenantapi.controllers.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Makes each node's taints of the `node.kubernetes.io` family follow its conditions and
/// `spec.unschedulable`. A node that has not said anything yet keeps the taint that admission gave it.
/// Source: kubernetes, `pkg/controller/nodelifecycle/node_lifecycle_controller.go`.
final class NodeTaints implements Controller {

    private static final String NO_SCHEDULE = "NoSchedule";
    private static final String NO_EXECUTE = "NoExecute";
    private static final Map<String, String> BY_CONDITION = Map.of(
            "MemoryPressure", WellKnownKeys.NODE_PREFIX + "memory-pressure",
            "DiskPressure", WellKnownKeys.NODE_PREFIX + "disk-pressure",
            "PIDPressure", WellKnownKeys.NODE_PREFIX + "pid-pressure",
            "NetworkUnavailable", WellKnownKeys.NODE_PREFIX + "network-unavailable");
    private static final String NOT_READY = WellKnownKeys.NODE_PREFIX + "not-ready";
    private static final String UNREACHABLE = WellKnownKeys.NODE_PREFIX + "unreachable";
    private static final String UNSCHEDULABLE = WellKnownKeys.NODE_PREFIX + "unschedulable";

    private final ObjectClient client;
    private final Clock clock;
    private final Store nodes;

    private NodeTaints(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.nodes = context.store(Resources.NODES);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "node-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new NodeTaints(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.NODES, NodeTaints::changed);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = nodes.get(key);
        if (found.isEmpty() || Meta.isBeingDeleted(found.get())) {
            return Outcome.SETTLED;
        }
        ObjectNode node = found.get();
        JsonNode present = node.path("spec").path("taints");
        ArrayNode wanted = wanted(node, present);
        if (!wanted.equals(present) && !(wanted.isEmpty() && present.isEmpty())) {
            write(node, wanted);
        }
        return Outcome.SETTLED;
    }

    /// The taints of others as they are, ours as the conditions say; one that is there already keeps its time.
    private ArrayNode wanted(ObjectNode node, JsonNode present) {
        Map<String, String> ours = ours(node);
        ArrayNode wanted = Json.MAPPER.createArrayNode();
        boolean silent = !Condition.of(node, "Ready").exists();
        for (JsonNode taint : present) {
            String name =
                    taint.path("key").asText() + ":" + taint.path("effect").asText();
            boolean kept = silent && taint.path("key").asText().equals(NOT_READY);
            if (!isOurs(taint) || kept || ours.containsKey(name)) {
                wanted.add(taint.deepCopy());
                ours.remove(name);
            }
        }
        ours.forEach((name, effect) -> {
            ObjectNode taint = wanted.addObject()
                    .put("key", name.substring(0, name.length() - effect.length() - 1))
                    .put("effect", effect);
            taint.put("timeAdded", Meta.timestamp(clock.instant()));
        });
        return wanted;
    }

    private static Map<String, String> ours(ObjectNode node) {
        var ours = new LinkedHashMap<String, String>();
        String ready = Condition.of(node, "Ready").status();
        if (ready.equals("False") || ready.equals("Unknown")) {
            String key = ready.equals("False") ? NOT_READY : UNREACHABLE;
            ours.put(key + ":" + NO_SCHEDULE, NO_SCHEDULE);
            ours.put(key + ":" + NO_EXECUTE, NO_EXECUTE);
        }
        new TreeMap<>(BY_CONDITION).forEach((condition, key) -> {
            if (Condition.isTrue(node, condition)) {
                ours.put(key + ":" + NO_SCHEDULE, NO_SCHEDULE);
            }
        });
        if (node.path("spec").path("unschedulable").asBoolean()) {
            ours.put(UNSCHEDULABLE + ":" + NO_SCHEDULE, NO_SCHEDULE);
        }
        return ours;
    }

    private static boolean isOurs(JsonNode taint) {
        String key = taint.path("key").asText();
        boolean health = key.equals(NOT_READY) || key.equals(UNREACHABLE);
        return switch (taint.path("effect").asText()) {
            case NO_SCHEDULE -> health || key.equals(UNSCHEDULABLE) || BY_CONDITION.containsValue(key);
            case NO_EXECUTE -> health;
            default -> false;
        };
    }

    private void write(ObjectNode node, ArrayNode taints) {
        ObjectNode patch = MergePatches.asRead(node);
        patch.putObject("spec").set("taints", taints);
        try {
            client.mergePatch(Resources.NODES, "", Meta.name(node), "", patch);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    /// Heartbeats change nothing that matters here.
    private static Collection<Key> changed(ObjectEvent event) {
        if (event instanceof ObjectEvent.Updated(var before, var node)
                && before.path("spec").equals(node.path("spec"))
                && states(before).equals(states(node))) {
            return List.of();
        }
        return List.of(Key.of(event.object()));
    }

    private static List<String> states(JsonNode node) {
        var states = new ArrayList<String>();
        Condition.listOf(node)
                .forEach(c ->
                        states.add(c.path("type").asText() + c.path("status").asText()));
        return states;
    }
}
