package io.insula.tenantapi.flowcontrol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// The objects without which flow control does not work, as they are while the store has none.
/// Source: kubernetes/apiserver, `apis/flowcontrol/bootstrap` (mandatory).
public final class Mandatory {

    /// Names of the levels and schemas that are always as upstream has them.
    public static final Set<String> NAMES = Set.of("exempt", "catch-all");

    static final FlowSchema CATCH_ALL = schema("catch-all", 10_000, "ByUser", List.of("*"));
    static final FlowSchema EXEMPT = schema("exempt", 1, "", List.of("system:masters"));
    private static final int CATCH_ALL_SHARES = 5;

    private Mandatory() {}

    static Map<String, PriorityLevel> levels() {
        var levels = new LinkedHashMap<String, PriorityLevel>();
        levels.put(
                "exempt", new PriorityLevel("exempt", "", true, 0, 0, OptionalInt.empty(), QueueSet.Shape.NO_QUEUES));
        levels.put(
                "catch-all",
                new PriorityLevel(
                        "catch-all", "", false, CATCH_ALL_SHARES, 0, OptionalInt.empty(), QueueSet.Shape.NO_QUEUES));
        return levels;
    }

    static Map<String, FlowSchema> schemas() {
        var schemas = new LinkedHashMap<String, FlowSchema>();
        schemas.put(EXEMPT.name(), EXEMPT);
        schemas.put(CATCH_ALL.name(), CATCH_ALL);
        return schemas;
    }

    private static FlowSchema schema(String name, int precedence, String distinguisher, List<String> groups) {
        List<String> all = List.of("*");
        var rule = new FlowSchema.Rule(
                groups.stream()
                        .map(group -> new FlowSchema.Subject("Group", "", group))
                        .toList(),
                List.of(new FlowSchema.ResourceRule(all, all, all, all, true)),
                List.of(new FlowSchema.PathRule(all, all)));
        return new FlowSchema(name, "", precedence, name, distinguisher, List.of(rule));
    }
}
