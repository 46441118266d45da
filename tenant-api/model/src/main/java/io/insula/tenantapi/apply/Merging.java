package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.apply.Types.Form;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Lays an applied configuration over a live object: nothing is removed, the configuration's leaves win, and
/// lists take the configuration's order where it changes them. Source: structured-merge-diff, `typed/merge.go`.
final class Merging {

    private Merging() {}

    /// A new tree.
    static JsonNode merge(SchemaType type, JsonNode live, JsonNode config) {
        JsonNode merged = value(type, live, config);
        return merged == null ? JsonNodeFactory.instance.objectNode() : merged;
    }

    /// At most one of the values is null, which means absent; a null result means that nothing is left.
    private static @Nullable JsonNode value(SchemaType type, @Nullable JsonNode live, @Nullable JsonNode config) {
        return switch (Types.form(type, config == null ? live : config)) {
            case SCALAR -> leaf(live, config);
            case MAP -> maps(type, live, config);
            case LIST -> lists(type, live, config);
        };
    }

    private static @Nullable JsonNode leaf(@Nullable JsonNode live, @Nullable JsonNode config) {
        JsonNode kept = config == null ? live : config;
        return kept == null ? null : kept.deepCopy();
    }

    private static @Nullable JsonNode maps(SchemaType type, @Nullable JsonNode live, @Nullable JsonNode config) {
        ObjectNode left = Types.map(live);
        ObjectNode right = Types.map(config);
        boolean empty = (left == null || left.isEmpty()) && (right == null || right.isEmpty());
        if (empty || Types.isAtomic(type, Form.MAP)) {
            return leaf(live, config);
        }
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        var names = new LinkedHashSet<String>();
        if (left != null) {
            left.fieldNames().forEachRemaining(names::add);
        }
        if (right != null) {
            right.fieldNames().forEachRemaining(names::add);
        }
        for (String name : names) {
            JsonNode mine = left == null ? null : left.get(name);
            JsonNode merged = value(Types.field(type, name), mine, right == null ? null : right.get(name));
            if (merged != null) {
                out.set(name, merged);
            }
        }
        return out.isEmpty() ? null : out;
    }

    private static @Nullable JsonNode lists(SchemaType type, @Nullable JsonNode live, @Nullable JsonNode config) {
        ArrayNode left = Types.list(live);
        ArrayNode right = Types.list(config);
        boolean empty = (left == null || left.isEmpty()) && (right == null || right.isEmpty());
        if (empty || Types.isAtomic(type, Form.LIST)) {
            return leaf(live, config);
        }
        ArrayNode out = new ListMerge(type, left, right).run();
        return out.isEmpty() ? null : out;
    }

    /// Merges two lists of named elements. Elements of the live list alone keep their place between the shared
    /// ones; all others follow the configuration's order.
    private static final class ListMerge {
        private final SchemaType type;
        private final @Nullable ArrayNode live;
        private final List<PathElement> liveNames;
        private final List<PathElement> configNames;
        private final TreeMap<PathElement, JsonNode> liveByName = new TreeMap<>();
        private final TreeMap<PathElement, JsonNode> configByName = new TreeMap<>();
        private final TreeSet<PathElement> done = new TreeSet<>();
        private final ArrayDeque<PathElement> shared = new ArrayDeque<>();
        private final ArrayNode out = JsonNodeFactory.instance.arrayNode();

        ListMerge(SchemaType type, @Nullable ArrayNode live, @Nullable ArrayNode config) {
            this.type = type;
            this.live = live;
            this.configNames = index(config, configByName);
            this.liveNames = index(live, liveByName);
            configNames.stream().filter(liveByName::containsKey).forEach(shared::add);
        }

        /// Live lists may have duplicates: they count as null, so that a configuration replaces them all.
        private List<PathElement> index(@Nullable ArrayNode list, Map<PathElement, JsonNode> byName) {
            var names = new ArrayList<PathElement>();
            for (JsonNode element : list == null ? List.<JsonNode>of() : list) {
                PathElement name = Types.nameOf(type, element);
                byName.merge(name, element, (_, _) -> NullNode.getInstance());
                names.add(name);
            }
            return names;
        }

        ArrayNode run() {
            int l = 0;
            int r = 0;
            while (l < liveNames.size() || r < configNames.size()) {
                if (l < liveNames.size() && r < configNames.size()) {
                    PathElement name = liveNames.get(l);
                    if (name.equals(configNames.get(r))) {
                        take(name);
                        l++;
                        r++;
                        shared.poll();
                        continue;
                    }
                    PathElement next = shared.peek();
                    if (configByName.containsKey(name) && next != null && !next.equals(name)) {
                        l++;
                        continue;
                    }
                }
                if (l < liveNames.size()) {
                    PathElement name = liveNames.get(l);
                    if (!configByName.containsKey(name)) {
                        add(live == null ? null : live.get(l), null);
                        l++;
                        continue;
                    } else if (done.contains(name)) {
                        l++;
                    }
                }
                if (r < configNames.size()) {
                    PathElement name = configNames.get(r++);
                    take(name);
                    if (name.equals(shared.peek())) {
                        shared.poll();
                    }
                }
            }
            return out;
        }

        private void take(PathElement name) {
            done.add(name);
            add(liveByName.get(name), configByName.get(name));
        }

        private void add(@Nullable JsonNode mine, @Nullable JsonNode theirs) {
            JsonNode merged = value(Types.element(type), mine, theirs);
            if (merged != null) {
                out.add(merged);
            }
        }
    }
}
