package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;
import java.util.Map;

/// What ReplicaSets and ReplicationControllers share: they keep a number of pods, and say how many there are.
public interface ReplicaKind extends StoredKind {

    /// The selector as `kubectl get -o wide` shows it.
    String selectorText(JsonNode object);

    @Override
    default void prepareForCreate(ObjectNode object, WriteContext context) {
        Fields.object(object, "status").put("replicas", 0);
    }

    @Override
    default List<String> selectableFieldNames() {
        return List.of("status.replicas");
    }

    @Override
    default Map<String, String> selectableFields(JsonNode object) {
        return Map.of(
                "status.replicas", Integer.toString(WorkloadView.of(object).currentReplicas()));
    }

    @Override
    default List<Column> columns() {
        return Printers.workload(
                this::selectorText,
                Printers.NAME,
                Printers.number("Desired", "spec.replicas"),
                Printers.number("Current", "status.replicas"),
                Printers.number("Ready", "status.readyReplicas"),
                Printers.AGE);
    }
}
