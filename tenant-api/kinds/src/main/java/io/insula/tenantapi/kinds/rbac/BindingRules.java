package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.registry.Names;
import java.util.ArrayList;
import java.util.List;

/// What a RoleBinding or ClusterRoleBinding must look like. Source: kubernetes `ValidateRoleBinding`.
final class BindingRules {

    private static final String GROUP = "rbac.authorization.k8s.io";

    private BindingRules() {}

    static void applyDefaults(ObjectNode binding) {
        Fields.ifObject(binding, "roleRef", ref -> Fields.defaultText(ref, "apiGroup", GROUP));
        Fields.each(binding, "subjects", subject -> {
            if (!subject.path("kind").asText().equals("ServiceAccount")) {
                Fields.defaultText(subject, "apiGroup", GROUP);
            }
        });
    }

    static List<FieldError> validate(JsonNode binding, boolean namespaced) {
        var checks = new Checks();
        JsonNode ref = binding.path("roleRef");
        checks.oneOf(ref, "roleRef", "apiGroup", GROUP);
        if (namespaced) {
            checks.oneOf(ref, "roleRef", "kind", "Role", "ClusterRole");
        } else {
            checks.oneOf(ref, "roleRef", "kind", "ClusterRole");
        }
        checks.name(ref.path("name").asText(""), "roleRef.name", Names::pathSegment);
        int i = 0;
        for (JsonNode subject : binding.path("subjects")) {
            String at = "subjects[" + i++ + "]";
            checks.required(subject, at, "name").oneOf(subject, at, "kind", "ServiceAccount", "User", "Group");
            boolean account = subject.path("kind").asText().equals("ServiceAccount");
            if (account && !namespaced && subject.path("namespace").asText("").isEmpty()) {
                checks.add(FieldError.required(at + ".namespace", ""));
            }
        }
        return checks.errors();
    }

    /// The names of all subjects of a kind, accounts with their namespaces.
    static String subjects(JsonNode binding, String kind) {
        var all = new ArrayList<String>();
        for (JsonNode subject : binding.path("subjects")) {
            if (subject.path("kind").asText().equals(kind)) {
                String namespace = subject.path("namespace").asText("");
                String name = subject.path("name").asText();
                all.add(kind.equals("ServiceAccount") ? namespace + "/" + name : name);
            }
        }
        return String.join(", ", all);
    }
}
