package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class ClusterRoleBindingKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings")
            .creatingOnUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return BindingRules.validate(object, false);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().addAll(validateCreate(wanted, context));
        return checks.unchanged(wanted.path("roleRef"), current.path("roleRef"), "roleRef", "cannot change roleRef")
                .errors();
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        BindingRules.applyDefaults(object);
    }

    @Override
    public String checkName(String name) {
        return Names.pathSegment(name);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Role",
                        (o, now) -> o.path("roleRef").path("kind").asText() + "/"
                                + o.path("roleRef").path("name").asText()),
                Printers.AGE,
                Column.of("Users", (o, now) -> BindingRules.subjects(o, "User")).wide(),
                Column.of("Groups", (o, now) -> BindingRules.subjects(o, "Group"))
                        .wide(),
                Column.of("ServiceAccounts", (o, now) -> BindingRules.subjects(o, "ServiceAccount"))
                        .wide());
    }
}
