package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import java.util.List;
import java.util.Map;

/// A few kinds with just enough behaviour for the engine's tests.
public final class TestKinds {

    private TestKinds() {}

    public static List<ResourceKind> all() {
        return List.of(new ConfigMaps(), new Namespaces(), new Pods(), new Deployments(), new Leases());
    }

    private record ConfigMaps() implements StoredKind {
        @Override
        public KindSpec spec() {
            return KindSpec.namespaced("", "v1", "ConfigMap", "configmaps").shortNames("cm");
        }

        @Override
        public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
            return current.path("immutable").asBoolean()
                            && !current.path("data").equals(wanted.path("data"))
                    ? List.of(FieldError.forbidden("data", "field is immutable when `immutable` is set"))
                    : List.of();
        }
    }

    private record Namespaces() implements StoredKind {
        @Override
        public KindSpec spec() {
            return KindSpec.cluster("", "v1", "Namespace", "namespaces")
                    .shortNames("ns")
                    .withStatus()
                    .subresource(Subresource.of("finalize", new GroupVersionKind("", "v1", "Namespace"), "update")
                            .storing("spec", "finalizers"));
        }

        @Override
        public void prepareForCreate(ObjectNode object, WriteContext context) {
            object.withObjectProperty("spec").putArray("finalizers").add("kubernetes");
            object.withObjectProperty("status").put("phase", "Active");
        }

        @Override
        public boolean holdsBack(JsonNode object) {
            return !object.path("spec").path("finalizers").isEmpty();
        }

        @Override
        public void onDeletionBegun(ObjectNode object) {
            object.withObjectProperty("status").put("phase", "Terminating");
        }
    }

    private record Pods() implements StoredKind {
        @Override
        public KindSpec spec() {
            return KindSpec.namespaced("", "v1", "Pod", "pods")
                    .withStatus()
                    .subresource(
                            Subresource.of("resize", new GroupVersionKind("", "v1", "Pod"), "get", "patch", "update"));
        }

        @Override
        public ObjectNode subresource(SubresourceRequest request) {
            return request.store().update(_ -> request.body().deepCopy());
        }

        @Override
        public long gracePeriodSeconds(JsonNode object, long requested) {
            return requested >= 0 ? requested : 30;
        }

        @Override
        public boolean returnsDeletedObject() {
            return true;
        }

        @Override
        public Map<String, String> selectableFields(JsonNode object) {
            return Map.of("spec.nodeName", object.path("spec").path("nodeName").asText(""));
        }

        @Override
        public List<String> selectableFieldNames() {
            return List.of("spec.nodeName");
        }
    }

    private record Deployments() implements StoredKind {
        @Override
        public KindSpec spec() {
            return KindSpec.namespaced("apps", "v1", "Deployment", "deployments")
                    .withStatus()
                    .withGeneration()
                    .withScale();
        }
    }

    private record Leases() implements StoredKind {
        @Override
        public KindSpec spec() {
            return KindSpec.namespaced("coordination.k8s.io", "v1", "Lease", "leases")
                    .creatingOnUpdate()
                    .noUnconditionalUpdate();
        }
    }
}
