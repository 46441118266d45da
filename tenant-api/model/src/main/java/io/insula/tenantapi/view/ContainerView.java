package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/// One container of a pod.
///
/// @param list in which it stands
/// @param index in that list
public record ContainerView(Kind list, int index, JsonNode tree) {

    /// The lists that a pod's containers stand in, in the order in which they start.
    public enum Kind {
        INIT("initContainers", "initContainerStatuses"),
        ORDINARY("containers", "containerStatuses"),
        EPHEMERAL("ephemeralContainers", "ephemeralContainerStatuses");

        private final String field;
        private final String statusField;

        Kind(String field, String statusField) {
            this.field = field;
            this.statusField = statusField;
        }

        /// The list's name in a pod's spec.
        public String field() {
            return field;
        }

        /// The name of the statuses' list in a pod's status.
        public String statusField() {
            return statusField;
        }
    }

    public String name() {
        return tree.path("name").asText("");
    }

    public String image() {
        return tree.path("image").asText("");
    }

    /// Whether it is an init container that runs on beside the others.
    public boolean isSidecar() {
        return list == Kind.INIT && tree.path("restartPolicy").asText("").equals("Always");
    }

    public JsonNode ports() {
        return tree.path("ports");
    }

    public JsonNode resources() {
        return tree.path("resources");
    }

    public JsonNode requests() {
        return resources().path("requests");
    }

    public JsonNode limits() {
        return resources().path("limits");
    }

    /// Where it stands, as messages say it: `spec.initContainers[0]`.
    ///
    /// @param spec the path of the pod's spec
    public String path(String spec) {
        return spec + "." + list.field + "[" + index + "]";
    }

    /// Changes the tree below, for whoever owns it; nothing where it is no object.
    public void edit(Consumer<ObjectNode> change) {
        if (tree instanceof ObjectNode object) {
            change.accept(object);
        }
    }
}
