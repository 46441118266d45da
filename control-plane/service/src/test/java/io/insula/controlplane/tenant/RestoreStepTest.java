package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.host.HostSetup;
import io.insula.reconcile.Outcome;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Somebody wants a tenant set back to what is no backup of it. The host is a real API server.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestoreStepTest {

    private static final String UNKNOWN = "20260131T120000Z-1a2b";

    private final ApplicationContext beans = ApplicationContext.run();
    private final Set<Path> processes = ConcurrentHashMap.newKeySet();
    private final Provisioning provisioning = new Provisioning(processes, _ -> {});
    private final TenantHealth health =
            new TenantHealth(_ -> Optional.empty(), _ -> {}, Duration.ofHours(1), Duration.ofHours(1));
    private TestCluster host = unset();
    private Path home = unset();
    private AuditTrail audit = unset();
    private TenantUnits units = unset();
    private RestoreStep step = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        home = folder.resolve("home");
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder);
        new HostSetup(host.client(), Beans.profiles()).install();
        audit = TestTrails.taking(home.resolve("audit"));
        var settings = provisioning.settings(home);
        units = new TenantUnits(settings, new ProfileLookup(host.client()), _ -> {});
        step = new RestoreStep(
                settings.openBackups(),
                provisioning,
                provisioning,
                new TenantObjects(host.client()),
                health,
                new UnaskedEvents(audit::unheld, settings.clock()),
                settings.clock());
    }

    @AfterAll
    void stop() {
        audit.close();
        health.close();
        host.close();
        beans.close();
    }

    @Test
    void leavesATenantAsItIsAndSaysWhy() throws Exception {
        List<String> wrong = List.of(
                UNKNOWN,
                "../../globex/" + UNKNOWN,
                "..",
                "",
                "/etc/passwd",
                "globex/" + UNKNOWN,
                "globex/../" + UNKNOWN,
                "globex//" + UNKNOWN,
                "/" + UNKNOWN,
                "host/" + UNKNOWN,
                "acme-10/" + UNKNOWN);
        for (int i = 0; i < wrong.size(); i++) {
            String name = "acme-" + i;
            Path data = home.resolve("tenants").resolve(name).resolve("etcd/data/member/of");
            AtomicFiles.write(data, "what there is");
            Tenant tenant = create(name, wrong.get(i));
            TenantUnit unit = units.of(name);
            unit.runtime().startEtcd();
            var kubeconfigs = new TenantKubeconfigs(units);
            provisioning.attach(name, () -> kubeconfigs.forSyncer(name), unit.profiles(), false, SyncedKinds.NONE);

            assertThat(step.settle(tenant, unit)).as(wrong.get(i)).isEqualTo(Outcome.SETTLED);

            assertThat(TenantObjects.annotation(find(name), Tenancy.RESTORE)).isEmpty();
            assertThat(find(name).getMetadata().getAnnotations()).doesNotContainKeys(Tenancy.RESTORE, Tenancy.RESTORED);
            assertThat(unit.told()).singleElement().satisfies(told -> {
                assertThat(told.type()).isEqualTo("Restored");
                assertThat(told.holds()).isFalse();
                assertThat(told.reason()).isEqualTo("RestoreFailed");
                assertThat(told.message()).contains("nothing was changed: ");
            });
            assertThat(provisioning.attached()).as("it goes on").containsKey(name);
            assertThat(processes).contains(home.resolve("tenants").resolve(name).resolve("etcd"));
            assertThat(Files.readString(data)).isEqualTo("what there is");
            assertThat(home.resolve("tenants").resolve(name).resolve("restore")).doesNotExist();
        }
    }

    /// Nothing else is started in its place, and its name gets no other keys.
    @Test
    void waitsWithATenantThatWasMadeForABackupThatCannotBeHad() {
        Tenant tenant = create("again", UNKNOWN);
        TenantUnit unit = units.of("again");

        for (int i = 0; i < 2; i++) {
            assertThat(step.settle(tenant, unit)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.reason()).isEqualTo("RestoreFailed");
                assertThat(failed.message()).contains("has no backup \"" + UNKNOWN + "\"");
            });
        }

        assertThat(TenantObjects.annotation(find("again"), Tenancy.RESTORE)).isEqualTo(UNKNOWN);
        assertThat(home.resolve("tenants/again/etcd/data")).doesNotExist();
        assertThat(home.resolve("tenants/again/pki")).doesNotExist();
    }

    @Test
    void waitsWithATenantThatWasMadeForAnothersBackupThatCannotBeHad() {
        Tenant tenant = create("copy", "globex/" + UNKNOWN);
        TenantUnit unit = units.of("copy");

        assertThat(step.settle(tenant, unit))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.message()).contains("tenant \"globex\" has no backup"));

        assertThat(TenantObjects.annotation(find("copy"), Tenancy.RESTORE)).isEqualTo("globex/" + UNKNOWN);
        assertThat(home.resolve("tenants/copy/etcd/data")).doesNotExist();
        assertThat(home.resolve("tenants/copy/pki")).doesNotExist();
    }

    private Tenant create(String name, String backup) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.getMetadata().setAnnotations(Map.of(Tenancy.RESTORE, backup));
        tenant.setSpec(new TenantSpec("runc"));
        return host.client().resource(tenant).create();
    }

    private Tenant find(String name) {
        return host.client().resources(Tenant.class).withName(name).get();
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before all tests
    private static <T> T unset() {
        return null;
    }
}
