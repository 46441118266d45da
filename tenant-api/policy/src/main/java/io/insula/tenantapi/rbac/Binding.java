package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.util.List;

/// A RoleBinding, or a ClusterRoleBinding where `namespace` is empty.
record Binding(String namespace, String name, RoleRef role, List<Subject> subjects) {

    static Binding of(JsonNode binding) {
        String namespace = Meta.namespace(binding);
        return new Binding(
                namespace,
                Meta.name(binding),
                RoleRef.of(binding.path("roleRef"), namespace),
                binding.path("subjects")
                        .valueStream()
                        .map(subject -> Subject.of(subject, namespace))
                        .toList());
    }

    /// `ClusterRoleBinding "b" of ClusterRole "r" to User "u"`.
    String describe(Subject subject) {
        String me = namespace.isEmpty()
                ? "ClusterRoleBinding \"" + name + "\""
                : "RoleBinding \"" + name + "/" + namespace + "\"";
        return me + " of " + role.kind() + " \"" + role.name() + "\" to " + subject.describe();
    }
}
