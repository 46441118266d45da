package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// The conditions in a status that is a tree. Changes the tree that it is given.
///
/// @param list of conditions
record Conditions(ArrayNode list) {

    static final String FIELD = "conditions";

    /// Those of the status, none where it has none.
    static Conditions of(JsonNode status) {
        return status.get(FIELD) instanceof ArrayNode there
                ? new Conditions(there)
                : new Conditions(JsonNodeFactory.instance.arrayNode());
    }

    /// New and empty ones in the place of those that are there.
    static Conditions none(ObjectNode status) {
        return new Conditions(status.putArray(FIELD));
    }

    /// One more, of which more can be said.
    ObjectNode add(String type, String status) {
        return list.addObject().put("type", type).put("status", status);
    }

    void add(String type, boolean holds, String since) {
        add(type, holds ? "True" : "False").put("lastTransitionTime", since);
    }

    boolean isEmpty() {
        return list.isEmpty();
    }

    boolean has(String type) {
        return StreamSupport.stream(list.spliterator(), false).anyMatch(each -> is(each, type));
    }

    Optional<JsonNode> find(String type) {
        return StreamSupport.stream(list.spliterator(), false)
                .filter(each -> is(each, type))
                .findFirst();
    }

    boolean isTrue(String type) {
        return StreamSupport.stream(list.spliterator(), false)
                .anyMatch(each -> is(each, type) && each.path("status").asText().equals("True"));
    }

    void remove(String type) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (is(list.get(i), type)) {
                list.remove(i);
            }
        }
    }

    private static boolean is(JsonNode condition, String type) {
        return type.equals(condition.path("type").asText());
    }
}
