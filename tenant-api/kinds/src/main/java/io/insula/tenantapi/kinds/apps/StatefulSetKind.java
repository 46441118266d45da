package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.kinds.WorkloadKind;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

@Singleton
final class StatefulSetKind implements WorkloadKind {

    private static final String[] MUTABLE = {
        "replicas",
        "ordinals",
        WorkloadView.TEMPLATE,
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds"
    };

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "StatefulSet", "statefulsets")
            .shortNames("sts")
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
        Fields.defaultTo(spec, "revisionHistoryLimit", 10);
        Fields.defaultText(spec, "podManagementPolicy", "OrderedReady");
        ObjectNode strategy = Fields.object(spec, "updateStrategy");
        Fields.defaultText(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asText().equals("RollingUpdate")) {
            Fields.defaultTo(Fields.object(strategy, "rollingUpdate"), "partition", 0);
        }
        ObjectNode retention = Fields.object(spec, "persistentVolumeClaimRetentionPolicy");
        Fields.defaultText(retention, "whenDeleted", "Retain");
        Fields.defaultText(retention, "whenScaled", "Retain");
        Fields.each(spec, "volumeClaimTemplates", claim -> {
            claim.put("apiVersion", "v1").put("kind", "PersistentVolumeClaim");
            Fields.defaultText(Fields.object(claim, "spec"), "volumeMode", "Filesystem");
            Fields.defaultText(Fields.object(claim, "status"), "phase", "Pending");
        });
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        Fields.object(object, "status").put("replicas", 0).put("availableReplicas", 0);
    }

    @Override
    public List<Column> columns() {
        return Printers.templated(
                o -> WorkloadView.of(o).podSpec(),
                Printers.NAME,
                Column.of(
                        "Ready",
                        (o, now) -> o.path("status").path("readyReplicas").asLong() + "/"
                                + o.path("spec").path("replicas").asLong()),
                Printers.AGE);
    }

    @Override
    public void validateSpec(JsonNode spec, Checks checks) {
        checks.oneOf(spec, "spec", "podManagementPolicy", "OrderedReady", "Parallel");
        checks.oneOf(spec.path("updateStrategy"), "spec.updateStrategy", "type", "OnDelete", "RollingUpdate");
        checks.notNegative(
                spec.path("updateStrategy").path("rollingUpdate"), "spec.updateStrategy.rollingUpdate", "partition");
        checks.notNegative(spec.path("ordinals"), "spec.ordinals", "start");
    }

    @Override
    public void validateChange(JsonNode wanted, JsonNode current, Checks checks) {
        JsonNode old = current.path("spec");
        if (!Checks.same(Checks.with(wanted.path("spec"), old, MUTABLE), old)) {
            checks.add(FieldError.forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
                            + " 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and"
                            + " 'minReadySeconds' are forbidden"));
        }
    }

    /// The volumes that the set's claims give its pods.
    @Override
    public Set<String> extraVolumes(JsonNode spec) {
        var names = new HashSet<String>();
        for (JsonNode claim : spec.path("volumeClaimTemplates")) {
            names.add(claim.path("metadata").path("name").asText(""));
        }
        return names;
    }
}
