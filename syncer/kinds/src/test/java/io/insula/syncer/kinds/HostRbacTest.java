package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.SyncEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What the syncer may do on the host is what its syncers declare: `-Dupdate.golden` writes the role.
class HostRbacTest {

    private static final Path ROLE = Path.of("../../deploy/rbac/syncer.yaml");
    private static final Set<String> READS = Set.of("get", "list", "watch");

    @Test
    void rolesSayWhatTheSyncersDeclare() throws IOException {
        var role = render();
        if (System.getProperty("update.golden") != null) {
            Files.createDirectories(ROLE.getParent());
            Files.writeString(ROLE, role);
        }
        assertThat(role).isEqualTo(Files.readString(ROLE));
    }

    /// Two roles: what is read over all namespaces, for one cache serves all tenants, and what is written in the
    /// tenants' namespaces only, where the control plane binds it.
    private static String render() {
        var reads = new TreeMap<String, Set<String>>();
        var writes = new TreeMap<String, Set<String>>();
        SyncEngine.hostVerbs(Beans.syncers()).forEach((resource, verbs) -> {
            // which of the namespaces are tenants' is not the syncer's to look up
            boolean everywhere = !resource.equals("/namespaces");
            verbs.forEach(verb -> (everywhere && READS.contains(verb) ? reads : writes)
                    .computeIfAbsent(resource, _ -> new TreeSet<>())
                    .add(verb));
        });
        return """
                # Rendered from the syncers' declarations by HostRbacTest (-Dupdate.golden): do not edit.
                """ + role("insula-syncer", reads) + """
                ---
                # The control plane binds it in each tenant's namespace, and nowhere else.
                """ + role("insula-syncer-tenant", writes) + """
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata:
                  name: insula-syncer
                roleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: ClusterRole
                  name: insula-syncer
                subjects:
                  - apiGroup: rbac.authorization.k8s.io
                    kind: User
                    name: insula-syncer
                """;
    }

    private static String role(String name, Map<String, Set<String>> verbs) {
        var text = new StringBuilder("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata:
                  name: %s
                rules:
                """.formatted(name));
        verbs.forEach((resource, each) -> {
            int slash = resource.indexOf('/');
            text.append("  - apiGroups: [\"").append(resource, 0, slash).append("\"]\n");
            text.append("    resources: [\"")
                    .append(resource.substring(slash + 1))
                    .append("\"]\n");
            text.append("    verbs: [\"").append(String.join("\", \"", each)).append("\"]\n");
        });
        return text.toString();
    }
}
