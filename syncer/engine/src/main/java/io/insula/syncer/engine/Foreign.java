package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// What somebody else put into a host object where all is the tenant's to say: a key of a selector, a port, an
/// address, a peer. Server-side apply leaves it, as it is not ours. Pure.
final class Foreign {

    /// What the host itself adds to elements of lists. Source: Kubernetes API, defaults of `ServicePort`,
    /// `NetworkPolicyPort` and `EndpointPort`.
    private static final Set<String> DEFAULTED = Set.of("protocol", "nodePort", "targetPort");

    private Foreign() {}

    /// The JSON merge patch that takes it out; empty where there is none.
    ///
    /// @param exact JSON pointers of what is the tenant's alone ([Syncer#exactOnHost])
    static ObjectNode undo(JsonNode current, JsonNode wanted, Collection<String> exact) {
        var patch = Trees.object();
        labels(current, wanted, patch);
        for (var pointer : exact) {
            var have = current.at(pointer);
            var want = wanted.at(pointer);
            if (!isSame(have, want)) {
                var parent = patch;
                var names = List.of(pointer.substring(1).split("/"));
                for (var name : names.subList(0, names.size() - 1)) {
                    parent = parent.withObjectProperty(name);
                }
                parent.set(names.getLast(), correct(have, want));
            }
        }
        return pruned(patch);
    }

    /// Labels under our prefixes tell policies and selectors of the host whose an object is.
    private static void labels(JsonNode current, JsonNode wanted, ObjectNode patch) {
        current.at("/metadata/labels").fieldNames().forEachRemaining(key -> {
            boolean ours = key.startsWith(InsulaLabels.PREFIX) || key.startsWith(InsulaLabels.TENANT_LABEL_PREFIX);
            if (ours && !wanted.at("/metadata/labels").has(key)) {
                patch.withObjectProperty("metadata")
                        .withObjectProperty("labels")
                        .putNull(key);
            }
        });
    }

    /// Whether `have` has nothing that `want` has not; what it lacks is for apply to add.
    private static boolean isSame(JsonNode have, JsonNode want) {
        if (isEmpty(have)) {
            return true;
        }
        if (have.isObject()) {
            return have.properties().stream()
                    .allMatch(field -> isSame(field.getValue(), want.path(field.getKey()))
                            || (isEmpty(want.path(field.getKey())) && DEFAULTED.contains(field.getKey())));
        }
        if (have.isArray()) {
            return have.size() <= want.size()
                    && have.valueStream()
                            .allMatch(element -> want.valueStream()
                                    .anyMatch(other -> Trees.contains(element, other) && isSame(element, other)));
        }
        return !isEmpty(want);
    }

    /// The value of a merge patch that makes `have` have no more than `want`.
    private static JsonNode correct(JsonNode have, JsonNode want) {
        if (isEmpty(want)) {
            return JsonNodeFactory.instance.nullNode();
        }
        if (have.isObject() && want.isObject()) {
            var patch = Trees.object();
            have.properties().forEach(field -> {
                if (!isSame(field.getValue(), want.path(field.getKey()))
                        && !(isEmpty(want.path(field.getKey())) && DEFAULTED.contains(field.getKey()))) {
                    patch.set(field.getKey(), correct(field.getValue(), want.path(field.getKey())));
                }
            });
            return patch;
        }
        return have.isArray() && want.isArray() ? elements(have, want) : want;
    }

    /// Those wanted, with what the host added to them.
    private static ArrayNode elements(JsonNode have, JsonNode want) {
        var elements = JsonNodeFactory.instance.arrayNode();
        var left = new ArrayList<JsonNode>();
        have.forEach(left::add);
        for (var wanted : want) {
            var kept = left.stream()
                    .filter(element -> Trees.contains(element, wanted) && isSame(element, wanted))
                    .findFirst();
            kept.ifPresent(left::remove);
            elements.add(kept.orElse(wanted));
        }
        return elements;
    }

    private static boolean isEmpty(JsonNode node) {
        return node.isMissingNode()
                || node.isNull()
                || (node.isContainerNode() && node.isEmpty())
                || (node.isBoolean() && !node.asBoolean());
    }

    private static ObjectNode pruned(ObjectNode patch) {
        var pruned = Trees.object();
        patch.properties().forEach(field -> {
            var value = field.getValue() instanceof ObjectNode inner ? pruned(inner) : field.getValue();
            if (!(value instanceof ObjectNode fields && fields.isEmpty())) {
                pruned.set(field.getKey(), value);
            }
        });
        return pruned;
    }
}
