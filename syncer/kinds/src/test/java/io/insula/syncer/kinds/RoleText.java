package io.insula.syncer.kinds;

import io.insula.syncer.engine.HostRights.Right;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Manifests of roles, as `deploy/rbac` has them.
public final class RoleText {

    private RoleText() {}

    /// @param kind `ClusterRole` or `Role`
    /// @param metadata its lines, indented
    public static String role(String kind, String metadata, List<Right> rights) {
        var text = new StringBuilder("apiVersion: rbac.authorization.k8s.io/v1\nkind: ")
                .append(kind)
                .append("\nmetadata:\n")
                .append(metadata)
                .append("rules:\n");
        for (var right : rights) {
            int slash = right.resource().indexOf('/');
            text.append("  - apiGroups: [\"").append(right.resource(), 0, slash).append("\"]\n");
            text.append("    resources: ").append(list(Set.of(right.resource().substring(slash + 1))));
            if (!right.names().isEmpty()) {
                text.append("    resourceNames: ").append(list(right.names()));
            }
            text.append("    verbs: ").append(list(right.verbs()));
        }
        return text.toString();
    }

    /// Gives the role of the same name to the user of that name.
    ///
    /// @param role `ClusterRole` or `Role`
    /// @param metadata its lines, indented
    public static String binding(String role, String metadata, String name) {
        return """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: %sBinding
                metadata:
                %sroleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: %s
                  name: %s
                subjects:
                  - apiGroup: rbac.authorization.k8s.io
                    kind: User
                    name: %s
                """.formatted(role, metadata, role, name, name);
    }

    private static String list(Set<String> words) {
        return "[\"" + String.join("\", \"", new TreeSet<>(words)) + "\"]\n";
    }
}
