package io.insula.syncer.custom;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Fields of an object: names with dots between, where `[*]` stands for each element of a list or each value of a map
/// (`spec.volumes[*].configMap.name`). Immutable.
///
/// @param steps names, and [#EACH]
record FieldPath(List<String> steps) {

    private static final String EACH = "[*]";
    private static final Pattern STEP = Pattern.compile("([A-Za-z_$][-A-Za-z0-9_$]{0,127})((?:\\[\\*])*)");
    private static final int DEEPEST = 32;

    /// What a rule has no say in.
    private static final Set<String> NOT_TRANSLATED = Set.of("apiVersion", "kind", "metadata", "status");

    FieldPath {
        steps = List.copyOf(steps);
    }

    /// @throws IllegalArgumentException for what is none
    static FieldPath of(String text) {
        var steps = new ArrayList<String>();
        for (var part : text.split("\\.", -1)) {
            var step = STEP.matcher(part);
            if (!step.matches()) {
                throw new IllegalArgumentException("names of fields with dots between, [*] for each of a list or map");
            }
            steps.add(step.group(1));
            for (int each = 0; each < step.group(2).length() / EACH.length(); each++) {
                steps.add(EACH);
            }
        }
        if (steps.size() > DEEPEST) {
            throw new IllegalArgumentException("at most " + DEEPEST + " steps");
        }
        if (NOT_TRANSLATED.contains(steps.getFirst())) {
            throw new IllegalArgumentException("a field beside " + String.join(", ", new TreeSet<>(NOT_TRANSLATED)));
        }
        return new FieldPath(steps);
    }

    boolean endsWithField() {
        return !steps.getLast().equals(EACH);
    }

    /// The field of this name beside the last one.
    FieldPath beside(String field) {
        var other = new ArrayList<>(steps.subList(0, steps.size() - 1));
        other.add(field);
        return new FieldPath(other);
    }

    /// Whether one of both is, or is in, what the other means.
    boolean overlaps(FieldPath other) {
        int common = Math.min(steps.size(), other.steps.size());
        for (int i = 0; i < common; i++) {
            var one = steps.get(i);
            var two = other.steps.get(i);
            if (!one.equals(two) && !one.equals(EACH) && !two.equals(EACH)) {
                return false;
            }
        }
        return true;
    }

    /// One value that a path means, with where it stands in an object and in a copy of it.
    interface Found {
        JsonNode value();

        /// The object around it as it was; missing where it is an element of a list.
        JsonNode beside();

        void replace(JsonNode value);

        /// Takes it out.
        void remove();

        /// Replaces a field beside it.
        void replaceBeside(String field, JsonNode value);

        /// As a path with numbers and keys.
        String at();
    }

    /// Every value that the path means; where a step means nothing there is none.
    ///
    /// @param copy equal to `object`, and what replacing changes
    List<Found> in(JsonNode object, JsonNode copy) {
        var found = new ArrayList<Found>();
        walk(object, copy, 0, "", found);
        return found;
    }

    private void walk(JsonNode object, JsonNode copy, int step, String at, List<Found> found) {
        var name = steps.get(step);
        if (!name.equals(EACH)) {
            if (object instanceof ObjectNode from && copy instanceof ObjectNode to && from.has(name)) {
                next(new InObject(from, to, name, at.isEmpty() ? name : at + "." + name), step, found);
            }
        } else if (object instanceof ArrayNode from && copy instanceof ArrayNode to) {
            for (int i = 0; i < from.size(); i++) {
                next(new InList(from, to, i, at + "[" + i + "]"), step, found);
            }
        } else if (object instanceof ObjectNode from && copy instanceof ObjectNode to) {
            for (var key : List.copyOf(from.properties())) {
                next(new InObject(from, to, key.getKey(), at + "[" + key.getKey() + "]"), step, found);
            }
        }
    }

    private void next(Place place, int step, List<Found> found) {
        if (place.value().isNull()) {
            return;
        }
        if (step == steps.size() - 1) {
            found.add(place);
        } else {
            walk(place.value(), place.copied(), step + 1, place.at(), found);
        }
    }

    private interface Place extends Found {
        JsonNode copied();
    }

    private record InObject(ObjectNode beside, ObjectNode copy, String key, String at) implements Place {
        @Override
        public JsonNode value() {
            return beside.path(key);
        }

        @Override
        public JsonNode copied() {
            return copy.path(key);
        }

        @Override
        public void replace(JsonNode value) {
            copy.set(key, value);
        }

        @Override
        public void remove() {
            copy.remove(key);
        }

        @Override
        public void replaceBeside(String field, JsonNode value) {
            copy.set(field, value);
        }
    }

    private record InList(ArrayNode list, ArrayNode copy, int index, String at) implements Place {
        @Override
        public JsonNode value() {
            return list.path(index);
        }

        @Override
        public JsonNode copied() {
            return copy.path(index);
        }

        @Override
        public JsonNode beside() {
            return MissingNode.getInstance();
        }

        @Override
        public void replace(JsonNode value) {
            copy.set(index, value);
        }

        @Override
        public void remove() {
            throw new IllegalStateException(at + " is an element of a list");
        }

        @Override
        public void replaceBeside(String field, JsonNode value) {
            throw new IllegalStateException(at + " has nothing beside it");
        }
    }

    /// As it is written in a rule.
    @Override
    public String toString() {
        return String.join(".", steps).replace("." + EACH, EACH);
    }
}
