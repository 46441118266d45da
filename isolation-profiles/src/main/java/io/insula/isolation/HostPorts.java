package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.Sandbox.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Ports of the nodes that a profile's pods may have; none unless it says so, as baseline has it. They are at all
/// addresses of the node: who may choose one could stand before what the node itself listens with. Immutable.
///
/// Source: Kubernetes documentation, "Pod Security Standards", "Host Ports": none, or a known list.
record HostPorts(List<Range> ranges) {

    static final HostPorts NONE = new HostPorts(List.of());

    private static final String FIELD = "allowed.hostPorts";
    private static final int LARGEST = 65_535;

    /// @param min the first
    /// @param max the last
    record Range(int min, int max) {

        boolean has(int port) {
            return min <= port && port <= max;
        }

        @Override
        public String toString() {
            return min == max ? Integer.toString(min) : min + "-" + max;
        }
    }

    HostPorts {
        ranges = List.copyOf(ranges);
    }

    /// @param value a list of `{min, max}`
    /// @throws IllegalArgumentException naming the field
    static HostPorts read(@Nullable Object value, Sandbox sandbox) {
        if (value == null) {
            return NONE;
        }
        if (!(value instanceof List<?> list)) {
            throw wrong(FIELD, value, "a list");
        }
        if (!list.isEmpty() && sandbox.form() == Form.MACHINE) {
            throw wrong(FIELD, value, "none, as machines have no ports of a node");
        }
        var ranges = new ArrayList<Range>();
        for (var each : list) {
            ranges.add(range(FIELD + "[" + ranges.size() + "]", each));
        }
        return new HostPorts(ranges);
    }

    private static Range range(String field, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong(field, value, "an object");
        }
        int min = port(field + ".min", map.get("min"));
        int max = port(field + ".max", map.containsKey("max") ? map.get("max") : map.get("min"));
        if (max < min) {
            throw wrong(field + ".max", max, "at least min, " + min);
        }
        return new Range(min, max);
    }

    private static int port(String field, @Nullable Object value) {
        if (value instanceof Number number
                && (number instanceof Integer || number instanceof Long)
                && number.longValue() >= 1
                && number.longValue() <= LARGEST) {
            return number.intValue();
        }
        throw wrong(field, value, "a port from 1 to " + LARGEST);
    }

    boolean areNone() {
        return ranges.isEmpty();
    }

    boolean have(int port) {
        return ranges.stream().anyMatch(range -> range.has(port));
    }

    /// The first port of a pod that is not among them.
    Optional<FieldViolation> check(Pod pod) {
        for (var located : PodFields.containers(pod)) {
            var ports = located.container().getPorts();
            for (int i = 0; i < ports.size(); i++) {
                var refused = check(located.path() + ".ports[" + i + "]", ports.get(i));
                if (refused.isPresent()) {
                    return refused;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> check(String path, ContainerPort port) {
        int asked = Objects.requireNonNullElse(port.getHostPort(), 0);
        if (asked == 0) {
            return Optional.empty();
        }
        if (areNone()) {
            return refuse(path + ".hostPort", "the node's ports are shared by all tenants");
        }
        if (!have(asked)) {
            return refuse(path + ".hostPort", "the isolation profile allows only these ports of the node: " + this);
        }
        return Objects.requireNonNullElse(port.getHostIP(), "").isEmpty()
                ? Optional.empty()
                : refuse(path + ".hostIP", "the node's addresses are shared by all tenants");
    }

    /// The same on the host.
    List<HostRule> ofPods() {
        var asked = "p.?hostPort.orValue(0)";
        var allowed = ranges.stream()
                .map(range -> " || (" + asked + " >= " + range.min() + " && " + asked + " <= " + range.max() + ")")
                .collect(Collectors.joining());
        var rules = new ArrayList<HostRule>();
        rules.add(HostRule.of(
                "spec.containers.ports.hostPort",
                areNone()
                        ? "the node's ports are shared by all tenants"
                        : "the isolation profile allows only these ports of the node: " + this,
                ofEach(asked + " == 0" + allowed)));
        if (!areNone()) {
            rules.add(HostRule.of(
                    "spec.containers.ports.hostIP",
                    "the node's addresses are shared by all tenants",
                    ofEach(asked + " == 0 || p.?hostIP.orValue(\"\") == \"\"")));
        }
        return rules;
    }

    private static String ofEach(String expression) {
        return "variables.containers.all(c, c.?ports.orValue([]).all(p, " + expression + "))";
    }

    @Override
    public String toString() {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(", "));
    }

    private static Optional<FieldViolation> refuse(String field, String message) {
        return Optional.of(new FieldViolation(field, message));
    }
}
