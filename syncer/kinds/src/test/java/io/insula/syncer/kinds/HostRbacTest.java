package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.HostRights;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the syncer may do on the host is what its syncers declare: `-Dupdate.golden` writes the role.
class HostRbacTest {

    private static final Path ROLE = Path.of("../../deploy/rbac/syncer.yaml");
    private static final Set<String> READS = Set.of("get", "list", "watch");
    private static final String IN_DEFAULT = "  name: insula-syncer\n  namespace: default\n";

    @Test
    void rolesSayWhatTheSyncersDeclare() throws IOException {
        var role = render(Beans.syncers());
        if (System.getProperty("update.golden") != null) {
            Files.createDirectories(ROLE.getParent());
            Files.writeString(ROLE, role);
        }
        assertThat(role).isEqualTo(Files.readString(ROLE));
    }

    /// What a stolen credential of the syncer could read of everybody's.
    @Test
    void opensNothingEverywhereThatIsInANamespace() {
        var rights = HostRights.of(Beans.syncers());
        var namespaced = Beans.syncers().stream()
                .flatMap(syncer -> syncer.spec().hostKinds().stream())
                .filter(KindRef::namespaced)
                .map(SyncSpec::resource)
                .collect(Collectors.toSet());

        assertThat(namespaced).contains("/secrets", "/pods", "/configmaps", "/events");
        assertThat(rights.everywhere()).isNotEmpty().allSatisfy(right -> {
            assertThat(namespaced).doesNotContain(right.resource());
            // a list of names, which has to be one for all
            if (!right.resource().equals("tenancy.insula.io/ingresshosts")) {
                assertThat(READS).containsAll(right.verbs());
            }
        });
    }

    /// Three roles: what of the host belongs to no namespace, what is in tenants' namespaces, where the control plane
    /// binds it, and where the host's API server is.
    static String render(List<Syncer<?>> syncers) {
        var rights = HostRights.of(syncers);
        return """
                # Rendered from the syncers' declarations by HostRbacTest (-Dupdate.golden): do not edit.
                """ + RoleText.role("ClusterRole", "  name: insula-syncer\n", rights.everywhere()) + """
                ---
                # The control plane binds it in each tenant's namespace, and nowhere else.
                """
                + RoleText.role("ClusterRole", "  name: insula-syncer-tenant\n", rights.inTenants()) + """
                ---
                # Where the host's API server is.
                """
                + RoleText.role("Role", IN_DEFAULT, rights.inDefault()) + """
                ---
                """
                + RoleText.binding("ClusterRole", "  name: insula-syncer\n", "insula-syncer")
                + """
                ---
                """ + RoleText.binding("Role", IN_DEFAULT, "insula-syncer");
    }
}
