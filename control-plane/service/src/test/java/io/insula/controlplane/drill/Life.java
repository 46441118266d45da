package io.insula.controlplane.drill;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.backup.BackupFolder;
import io.insula.controlplane.cluster.MortalClusters;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.host.ControlPlaneRights;
import io.insula.controlplane.tenant.OutgoingRules;
import io.insula.controlplane.tenant.TenantController;
import io.insula.controlplane.tenant.TenantRuntime;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// A service with all that it does for tenants, but for the syncer, until it dies.
final class Life {

    private final Mortal mortal = new Mortal();
    private final KubernetesClient client;
    private final MortalClusters parts;
    private final MortalParts watched;
    private final AuditTrail audit;
    private final TenantController controller;

    Life(Place place) {
        Path root = MortalFiles.of(place.home(), mortal);
        client = new KubernetesClientBuilder()
                .withConfig(place.host().config(ControlPlaneRights.USER, List.of()))
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("death", new HostAccess()))
                .build();
        parts = place.clusters();
        watched = new MortalParts(mortal, parts.stores(), parts.clusters());
        audit = place.topic().trail(new Home(place.home()).auditSpool(), mortal::records, mortal::requireAlive);
        var home = new Home(root);
        var state = HomeState.open(home);
        var listening = Listening.loopback();
        controller = new TenantController(
                client,
                new TenantRuntime.Settings(
                        home,
                        state,
                        new Ports(state, listening),
                        watched.stores(),
                        io.insula.controlplane.process.EtcdProcess.QUOTA_BYTES,
                        watched.clusters(),
                        listening,
                        OutgoingRules.NONE,
                        new BackupFolder(home.backups()),
                        place.begin(),
                        Clock.systemUTC()),
                new Unattached(),
                audit,
                Beans.profiles(),
                new LoopMetrics(new MetricRegistry()));
    }

    Mortal mortal() {
        return mortal;
    }

    /// Calls of it may not return: see [Mortal#requireAlive].
    TenantController controller() {
        return controller;
    }

    /// Cuts what the end of a process cuts. The rest is put away behind it, which changes nothing any more.
    void bury() {
        mortal.die();
        watched.stopListening();
        parts.cut().run();
        Thread.ofVirtual().name("undertaker").start(() -> {
            watched.putAway();
            client.close();
            controller.close();
        });
    }

    /// Ends as a service does that is stopped.
    void end() {
        controller.close();
        audit.close();
        client.close();
        parts.cut().run();
    }

    private final class HostAccess implements Interceptor {
        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (request.method().equals("GET")) {
                mortal.requireAlive();
            } else {
                mortal.does(request.method() + " " + request.uri().getPath());
            }
        }
    }
}
