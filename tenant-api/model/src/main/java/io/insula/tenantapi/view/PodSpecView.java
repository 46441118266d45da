package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.ContainerView.Kind;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// A pod's spec, of a pod or of a template.
public record PodSpecView(JsonNode tree) {

    private static final List<Kind> ALL = List.of(Kind.INIT, Kind.ORDINARY, Kind.EPHEMERAL);
    private static final List<Kind> STARTED = List.of(Kind.INIT, Kind.ORDINARY);

    /// All containers: init, ordinary, ephemeral.
    public Iterable<ContainerView> containers() {
        return () -> new Walk(tree, ALL);
    }

    /// Those that a pod is made with, which a quota counts: init and ordinary.
    public Iterable<ContainerView> startedContainers() {
        return () -> new Walk(tree, STARTED);
    }

    /// Those of one list.
    public Iterable<ContainerView> containers(Kind kind) {
        return () -> new Walk(tree, List.of(kind));
    }

    /// One list as it is; missing where absent.
    public JsonNode list(Kind kind) {
        return tree.path(kind.field());
    }

    /// How many containers are in one list.
    public int count(Kind kind) {
        return list(kind).size();
    }

    public String nodeName() {
        return tree.path("nodeName").asText("");
    }

    /// The list as it is; missing where absent.
    public JsonNode volumes() {
        return tree.path("volumes");
    }

    /// The list as it is; missing where absent.
    public JsonNode tolerations() {
        return tree.path("tolerations");
    }

    public JsonNode nodeSelector() {
        return tree.path("nodeSelector");
    }

    public String restartPolicy() {
        return tree.path("restartPolicy").asText("");
    }

    /// Resources of the pod as a whole.
    public JsonNode resources() {
        return tree.path("resources");
    }

    public JsonNode overhead() {
        return tree.path("overhead");
    }

    /// What the pod requests as a whole, by its spec alone and without the overhead of its sandbox.
    public Amounts requests() {
        return PodAmounts.requested(this);
    }

    /// What the pod is limited to as a whole, likewise; what any of its containers leaves out may be more.
    public Amounts limits() {
        return PodAmounts.limited(this);
    }

    /// Whether something outside holds the pod back from the scheduler.
    public boolean isGated() {
        return !tree.path("schedulingGates").isEmpty();
    }

    /// Takes a list away, for whoever owns the tree.
    public void remove(Kind kind) {
        if (tree instanceof ObjectNode spec) {
            spec.remove(kind.field());
        }
    }

    /// Confined to one walk.
    private static final class Walk implements Iterator<ContainerView> {
        private final JsonNode spec;
        private final List<Kind> kinds;
        private JsonNode list;
        private int kind;
        private int index;

        Walk(JsonNode spec, List<Kind> kinds) {
            this.spec = spec;
            this.kinds = kinds;
            list = spec.path(kinds.getFirst().field());
        }

        @Override
        public boolean hasNext() {
            while (index >= list.size() && kind + 1 < kinds.size()) {
                kind++;
                index = 0;
                list = spec.path(kinds.get(kind).field());
            }
            return index < list.size();
        }

        @Override
        public ContainerView next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var container = new ContainerView(kinds.get(kind), index, list.path(index));
            index++;
            return container;
        }
    }
}
