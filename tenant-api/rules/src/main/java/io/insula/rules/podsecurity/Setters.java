package io.insula.rules.podsecurity;

import io.insula.rules.podsecurity.PodFacts.Container;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Who set something, to what, and in which fields; words it as upstream does. Confined to one judgement.
final class Setters {

    private final List<String> containers = new ArrayList<>();
    private final List<String> fields = new ArrayList<>();
    private final SortedSet<String> values = new TreeSet<>();
    private boolean pod;

    /// @param field relative to `spec.securityContext`
    void pod(String field) {
        pod = true;
        fields.add("spec.securityContext." + field);
    }

    /// @param field relative to the container
    void container(Container container, String field) {
        if (containers.isEmpty() || !containers.getLast().equals(container.name())) {
            containers.add(container.name());
        }
        fields.add(container.path() + "." + field);
    }

    void value(String value) {
        values.add(value);
    }

    /// Apart from pod and containers: an annotation, say.
    void field(String path) {
        fields.add(path);
    }

    /// Names containers by the alphabet rather than in the pod's order.
    Setters sorted() {
        containers.sort(Comparator.naturalOrder());
        return this;
    }

    boolean isEmpty() {
        return !pod && containers.isEmpty();
    }

    SortedSet<String> values() {
        return values;
    }

    List<String> fields() {
        return fields;
    }

    int count() {
        return containers.size();
    }

    /// `pod and containers "a", "b"`.
    String who() {
        if (containers.isEmpty()) {
            return "pod";
        }
        return (pod ? "pod and " : "") + containers();
    }

    /// `container "a"` or `containers "a", "b"`.
    String containers() {
        return plural("container", containers.size()) + " " + quoted(containers);
    }

    /// Empty when nobody set anything.
    Optional<Violation> violation(String reason, String detail) {
        return Violation.of(reason, detail, fields);
    }

    static String plural(String word, int count) {
        return count == 1 ? word : word + "s";
    }

    static String quoted(Collection<String> items) {
        return items.isEmpty() ? "" : "\"" + String.join("\", \"", items) + "\"";
    }
}
