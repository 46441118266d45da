package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A set of field paths. A path may be a member, have members below it, or both. Immutable.
public final class FieldSet {

    public static final FieldSet EMPTY = new FieldSet(new TreeSet<>(), new TreeMap<>());

    private final NavigableSet<PathElement> members;
    private final NavigableMap<PathElement, FieldSet> children;

    /// `children` must hold no empty set.
    private FieldSet(NavigableSet<PathElement> members, NavigableMap<PathElement, FieldSet> children) {
        this.members = members;
        this.children = children;
    }

    /// The set of some fields, each `.`-separated: `of("spec", "metadata.labels")`.
    public static FieldSet of(String... paths) {
        var builder = new Builder();
        for (String path : paths) {
            var elements = new ArrayList<PathElement>();
            for (String name : path.split("\\.", -1)) {
                elements.add(new PathElement.Field(name));
            }
            builder.add(elements);
        }
        return builder.build();
    }

    /// Reads a `fieldsV1`.
    ///
    /// @throws IllegalArgumentException when a key is malformed
    public static FieldSet parse(JsonNode fields) {
        var members = new TreeSet<PathElement>();
        var children = new TreeMap<PathElement, FieldSet>();
        for (Map.Entry<String, JsonNode> entry : fields.properties()) {
            if (entry.getKey().equals(".")) {
                continue;
            }
            PathElement element = PathElement.parse(entry.getKey()).orElse(null);
            if (element == null) {
                continue;
            }
            FieldSet below = parse(entry.getValue());
            if (below.isEmpty() || entry.getValue().has(".")) {
                members.add(element);
            }
            if (!below.isEmpty()) {
                children.put(element, below);
            }
        }
        return new FieldSet(members, children);
    }

    /// Writes a `fieldsV1`.
    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        writeTo(json);
        return json;
    }

    /// Members and children are both sorted: goes through them side by side.
    private void writeTo(ObjectNode json) {
        var ownMembers = members.iterator();
        PathElement member = next(ownMembers);
        for (Map.Entry<PathElement, FieldSet> child : children.entrySet()) {
            int order = member == null ? 1 : member.compareTo(child.getKey());
            while (member != null && order < 0) {
                json.putObject(member.format());
                member = next(ownMembers);
                order = member == null ? 1 : member.compareTo(child.getKey());
            }
            ObjectNode below = json.putObject(child.getKey().format());
            if (order == 0) {
                below.putObject(".");
                member = next(ownMembers);
            }
            child.getValue().writeTo(below);
        }
        while (member != null) {
            json.putObject(member.format());
            member = next(ownMembers);
        }
    }

    private static <T> @Nullable T next(Iterator<T> all) {
        return all.hasNext() ? all.next() : null;
    }

    public boolean isEmpty() {
        return members.isEmpty() && children.isEmpty();
    }

    /// Whether the path of `element` alone is a member.
    boolean has(PathElement element) {
        return members.contains(element);
    }

    boolean has(List<PathElement> path) {
        FieldSet at = this;
        for (PathElement element : path.subList(0, path.size() - 1)) {
            at = at.below(element);
        }
        return at.has(path.getLast());
    }

    /// The members whose path begins with `element`, without it.
    FieldSet below(PathElement element) {
        return children.getOrDefault(element, EMPTY);
    }

    NavigableSet<PathElement> members() {
        return Collections.unmodifiableNavigableSet(members);
    }

    NavigableMap<PathElement, FieldSet> children() {
        return Collections.unmodifiableNavigableMap(children);
    }

    public FieldSet union(FieldSet other) {
        var allMembers = new TreeSet<>(members);
        allMembers.addAll(other.members);
        var allChildren = new TreeMap<>(children);
        other.children.forEach((element, set) -> allChildren.merge(element, set, FieldSet::union));
        return new FieldSet(allMembers, allChildren);
    }

    public FieldSet intersection(FieldSet other) {
        var both = new TreeSet<>(members);
        both.retainAll(other.members);
        var below = new TreeMap<PathElement, FieldSet>();
        children.forEach((element, set) -> put(below, element, set.intersection(other.below(element))));
        return new FieldSet(both, below);
    }

    /// What is a member here and not there. A member there does not take what is below it away.
    public FieldSet difference(FieldSet other) {
        var rest = new TreeSet<>(members);
        rest.removeAll(other.members);
        var below = new TreeMap<PathElement, FieldSet>();
        children.forEach((element, set) -> put(below, element, set.difference(other.below(element))));
        return new FieldSet(rest, below);
    }

    /// As [#difference], but a member there takes all below it away too.
    public FieldSet recursiveDifference(FieldSet other) {
        var rest = new TreeSet<>(members);
        rest.removeAll(other.members);
        var below = new TreeMap<PathElement, FieldSet>();
        children.forEach((element, set) -> {
            if (!other.has(element)) {
                put(below, element, set.recursiveDifference(other.below(element)));
            }
        });
        return new FieldSet(rest, below);
    }

    /// With every named field above a member a member too: `spec` for `spec.replicas`, but not the key of a map.
    FieldSet withNamedFields(SchemaType type) {
        var more = new TreeSet<>(members);
        var below = new TreeMap<PathElement, FieldSet>();
        children.forEach((element, set) -> {
            if (element instanceof PathElement.Field(String name) && Types.isNamedField(type, name)) {
                more.add(element);
            }
            below.put(element, set.withNamedFields(Types.at(type, element)));
        });
        return new FieldSet(more, below);
    }

    private static void put(Map<PathElement, FieldSet> map, PathElement element, FieldSet set) {
        if (!set.isEmpty()) {
            map.put(element, set);
        }
    }

    /// Visits all members, those of a level before those below.
    public void forEach(Consumer<List<PathElement>> visitor) {
        forEach(List.of(), visitor);
    }

    private void forEach(List<PathElement> prefix, Consumer<List<PathElement>> visitor) {
        members.forEach(element -> visitor.accept(append(prefix, element)));
        children.forEach((element, set) -> set.forEach(append(prefix, element), visitor));
    }

    private static List<PathElement> append(List<PathElement> prefix, PathElement element) {
        var path = new ArrayList<>(prefix);
        path.add(element);
        return Collections.unmodifiableList(path);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldSet set && members.equals(set.members) && children.equals(set.children);
    }

    @Override
    public int hashCode() {
        return 31 * members.hashCode() + children.hashCode();
    }

    @Override
    public String toString() {
        return toJson().toString();
    }

    /// Gathers paths. Confined to one thread.
    static final class Builder {
        private final TreeSet<PathElement> members = new TreeSet<>();
        private final TreeMap<PathElement, Builder> children = new TreeMap<>();

        /// Nobody owns a whole object: an empty path is ignored.
        void add(List<PathElement> path) {
            if (path.isEmpty()) {
                return;
            }
            Builder at = this;
            for (PathElement element : path.subList(0, path.size() - 1)) {
                at = at.children.computeIfAbsent(element, _ -> new Builder());
            }
            at.members.add(path.getLast());
        }

        FieldSet build() {
            var below = new TreeMap<PathElement, FieldSet>();
            children.forEach((element, builder) -> below.put(element, builder.build()));
            return new FieldSet(members, below);
        }
    }
}
