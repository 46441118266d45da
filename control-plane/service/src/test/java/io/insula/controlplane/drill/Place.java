package io.insula.controlplane.drill;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.controlplane.audit.TestTopic;
import io.insula.controlplane.cluster.MortalClusters;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.keys.FoundKeys;
import io.insula.controlplane.keys.HomeKeys;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.keys.KeySource;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.Tenant;
import io.insula.controlplane.tenant.TenantSpec;
import io.insula.process.Survivors;
import io.insula.process.Survivors.Survivor;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What outlives the services of one drill: the host cluster, the home folder, etcds, a topic. Thread-safe.
final class Place implements AutoCloseable {

    private static final GroupVersionResource TENANTS =
            new GroupVersionResource(Tenancy.GROUP, Tenancy.VERSION, "tenants");
    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");

    private static final KubernetesSerialization READER = new KubernetesSerialization();

    private final ApplicationContext beans;
    private final TestCluster host;
    private final Path home;
    private final TestTopic topic = new TestTopic();
    private final @Nullable KeySource key;

    /// @param beans stay the caller's
    /// @param isEncrypted whether private keys are
    Place(ApplicationContext beans, Path folder, boolean isEncrypted) {
        this.beans = beans;
        this.home = folder.resolve("home");
        this.key = isEncrypted ? KeySource.make(AtomicFiles.folder(folder).resolve("key")) : null;
        host = new TestCluster(
                        "host", folder.resolve("host"), beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
        try (var controlPlane = ControlPlaneUser.of(host)) {
            new HostSetup(controlPlane, Beans.profiles()).install();
        }
    }

    TestCluster host() {
        return host;
    }

    Path home() {
        return home;
    }

    TestTopic topic() {
        return topic;
    }

    /// How private keys lie in the home, for a service that begins.
    KeySafe begin() {
        return HomeKeys.begin(new Home(home), key);
    }

    /// Private keys that lie in the home as they are though they should not.
    List<Path> exposedKeys() {
        return key == null ? List.of() : FoundKeys.in(home);
    }

    /// What a service is to start its tenants' parts with.
    MortalClusters clusters() {
        return MortalClusters.of(
                beans.getBean(ServerComponents.class),
                beans.getBean(ControllerManagers.class),
                Beans.profiles(),
                Beans.syncers());
    }

    void create(String tenant) {
        var made = new Tenant();
        made.getMetadata().setName(tenant);
        made.setSpec(new TenantSpec("runc"));
        host.client().resource(made).create();
    }

    void annotate(String tenant, String key, String value) {
        ObjectNode patch = Json.object();
        patch.withObjectProperty("metadata").withObjectProperty("annotations").put(key, value);
        patch(tenant, patch);
    }

    void specify(String tenant, ObjectNode spec) {
        patch(tenant, Json.object().set("spec", spec));
    }

    private void patch(String tenant, ObjectNode patch) {
        host.client()
                .resources(Tenant.class)
                .withName(tenant)
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }

    void delete(String tenant) {
        host.client().resources(Tenant.class).withName(tenant).delete();
    }

    /// As the host has it now.
    Optional<Tenant> tenant(String name) {
        return host.server().client().get(TENANTS, "", name).map(tree -> READER.convertValue(tree, Tenant.class));
    }

    boolean hasNamespace(String tenant) {
        return host.server()
                .client()
                .get(NAMESPACES, "", Tenancy.hostNamespace(tenant))
                .isPresent();
    }

    /// Whatever runs on the data of a tenant.
    List<Survivor> etcds(String tenant) {
        return Survivors.withArgument(
                EtcdProcess.marker(new Home(home).tenant(tenant).resolve("etcd")));
    }

    /// By SIGKILL.
    ///
    /// @return whether there was any
    boolean killEtcds(String tenant) {
        List<Survivor> all = etcds(tenant);
        all.forEach(each -> each.handle().destroyForcibly());
        all.forEach(each -> each.handle().onExit().join());
        return !all.isEmpty();
    }

    /// What of a tenant is left in the home, but for its backups; empty for nothing.
    List<String> leftOf(String tenant) {
        var at = new Home(home);
        var left = new java.util.ArrayList<String>();
        for (Path folder : List.of(at.tenant(tenant), at.auditSpool().resolve(tenant))) {
            if (Files.exists(folder)) {
                left.add(folder.toString());
            }
        }
        HomeState.open(at).ports().keySet().stream()
                .filter(purpose -> purpose.startsWith("tenant/" + tenant + "/"))
                .forEach(left::add);
        etcds(tenant).forEach(each -> left.add("process " + each.handle().pid()));
        if (hasNamespace(tenant)) {
            left.add("namespace " + Tenancy.hostNamespace(tenant));
        }
        return left;
    }

    @Override
    public void close() {
        Survivors.withArgumentPrefix("--data-dir=" + home)
                .forEach(each -> each.handle().destroyForcibly());
        host.close();
    }
}
