package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.SyncEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What the syncer may do on the host is what its syncers declare: `-Dupdate.golden` writes the role.
class HostRbacTest {

    private static final Path ROLE = Path.of("../../deploy/rbac/syncer.yaml");

    @Test
    void roleSaysWhatTheSyncersDeclare() throws IOException {
        var role = render();
        if (System.getProperty("update.golden") != null) {
            Files.createDirectories(ROLE.getParent());
            Files.writeString(ROLE, role);
        }
        assertThat(role).isEqualTo(Files.readString(ROLE));
    }

    private static String render() {
        var verbs = new TreeMap<String, TreeSet<String>>();
        SyncEngine.hostVerbs(Syncers.builtIn()).forEach((resource, each) -> verbs.put(resource, new TreeSet<>(each)));
        var text = new StringBuilder("""
                # Rendered from the syncers' declarations by HostRbacTest (-Dupdate.golden): do not edit.
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata:
                  name: insula-syncer
                rules:
                """);
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
