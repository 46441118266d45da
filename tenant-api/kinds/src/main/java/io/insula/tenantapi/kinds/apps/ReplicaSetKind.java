package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.kinds.ReplicaKind;
import io.insula.tenantapi.kinds.WorkloadKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;

@Singleton
final class ReplicaSetKind implements WorkloadKind, ReplicaKind {

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "ReplicaSet", "replicasets")
            .shortNames("rs")
            .categories("all")
            .withStatus()
            .withGeneration()
            .withScale();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applySpecDefaults(ObjectNode spec) {
        Fields.defaultTo(spec, "replicas", 1);
    }

    @Override
    public String selectorText(JsonNode object) {
        return Printers.selector(WorkloadView.of(object).selector());
    }
}
