package io.insula.controlplane.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.AdminPki;
import io.insula.controlplane.admin.AdminServer;
import io.insula.controlplane.admin.AdminService;
import io.insula.controlplane.admin.OidcPlan;
import io.insula.controlplane.admin.People;
import io.insula.controlplane.admin.StartUp;
import io.insula.controlplane.audit.AuditReader;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.cluster.PodExplanations;
import io.insula.controlplane.cluster.ProfileChanges;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.HomeKeys;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.nodes.NodeBackEnds;
import io.insula.controlplane.tenant.Attachments;
import io.insula.controlplane.tenant.AttachmentsFactory;
import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.OutgoingRules;
import io.insula.controlplane.tenant.Stores;
import io.insula.controlplane.tenant.TenantController;
import io.insula.controlplane.tenant.TenantRuntime;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.SyncEngine;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.Validation;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything of one installation, running in this JVM and its child processes. Start with [#begin] or [#start], end
/// with [#close]; what is acknowledged survives both, and the death of the JVM.
///
/// The admin API comes first and answers while the rest is still being started, which takes as long as it takes:
/// [StartSteps] says what is tried again and what is not. Thread-safe.
public final class InsulaService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InsulaService.class);
    private static final String FRONT_DOOR = "front-door";
    private static final Duration STOP_START_WITHIN = Duration.ofSeconds(60);

    private final ServicePlan plan;
    private final Consumer<String> progress;
    private final Clock clock = Clock.systemUTC();
    private final StartSteps steps;
    private final OpenParts open = new OpenParts();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final MetricRegistry metrics = new MetricRegistry();
    private final LoopMetrics loops = new LoopMetrics(metrics);
    private volatile Supplier<Optional<String>> hostWarning = Optional::empty;
    /// What serves admin requests; null while the start has not got to a host.
    private volatile @Nullable AdminService admin;
    private volatile @Nullable ServiceFile file;
    private volatile @Nullable Thread starter;

    private InsulaService(ServicePlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
        this.steps = new StartSteps(progress, clock);
        List.of(SyncEngine.LOOP, TenantController.LOOP, TenantController.PROFILES_LOOP)
                .forEach(loops::announce);
    }

    /// Starts everything and returns when it is ready; tenants that exist are brought back first.
    ///
    /// @param progress hears one line per finished step, with its time
    /// @throws HomeException when the home folder or a port cannot be used
    /// @throws io.insula.process.ChildException when etcd or Kafka end by themselves
    public static InsulaService start(ServicePlan plan, Consumer<String> progress) {
        InsulaService service = begin(plan, progress);
        try {
            service.awaitReady();
            return service;
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
    }

    /// Returns as soon as the admin API answers; the rest is started behind it.
    ///
    /// @throws HomeException when the home folder or a port cannot be used
    public static InsulaService begin(ServicePlan plan, Consumer<String> progress) {
        var service = new InsulaService(plan, progress);
        try {
            service.beginAll();
            return service;
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
    }

    /// Waits, however long it takes.
    ///
    /// @throws HomeException when a person must act first
    /// @throws io.insula.process.ChildException when etcd or Kafka end by themselves
    public void awaitReady() {
        try {
            ready.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /// `https://host:port` of the admin API.
    public String adminEndpoint() {
        ServiceFile running = file;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running.publicEndpoint();
    }

    /// Stops everything cleanly, in reverse order, also in the middle of a start. Idempotent.
    @Override
    public void close() {
        steps.stop();
        Thread starting = starter;
        if (starting != null) {
            starting.interrupt();
            try {
                if (!starting.join(STOP_START_WITHIN)) {
                    LOG.atWarn().log("the start does not end; its parts are closed under it");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        open.close();
        ready.completeExceptionally(new StartSteps.StoppedException("service"));
    }

    private void beginAll() {
        Home home = plan.home();
        // Before anything is written: a damaged home stays as it is.
        HomeState.open(home);
        AtomicFiles.folder(home.root());
        lock(home);
        HomeState state = HomeState.open(home);
        KeySafe safe = HomeKeys.begin(home, plan.keys());
        AtomicFiles.delete(home.serviceFile());
        if (plan.newPorts()) {
            state.forgetPorts("");
        }
        var ports = new Ports(state, plan.listening());
        if (plan.adminPort() != 0) {
            ports.fix("admin", plan.adminPort());
        }
        state.port("admin").ifPresent(port -> ports.requireFree("admin API", port));
        AdminPki adminPki = AdminPki.open(home, plan.listening(), clock, safe);
        Broker broker = broker(home, ports, safe);
        AuditTrail audit = open.add(new AuditTrail(home.auditSpool(), broker.settings(), clock));
        open.add(KeyEvents.begin(home, audit));
        var components = new Components(
                broker, audit, steps, ready::isDone, plan.listening().frontDoor(), () -> hostWarning.get());
        var beginning = new Beginning(components);
        steps.run(
                "admin API",
                () -> open.add(ports.outer(
                        "admin",
                        "admin API",
                        port -> AdminServer.start(
                                beginning, audit::unheld, adminPki, people(), plan.listening(), port, clock))));
        open.add((AutoCloseable) () -> AtomicFiles.delete(home.serviceFile()));
        announce(home, ports.choose("admin"), false);
        ApplicationContext beans = open.add(context());
        var settings = new TenantRuntime.Settings(
                home,
                state,
                ports,
                beans.getBean(Stores.class),
                plan.storeBytes(),
                beans.getBean(Clusters.class),
                plan.listening(),
                new OutgoingRules(plan.egress(), plan.hostRanges()),
                plan.backups(),
                safe,
                clock);
        plan.listening().frontDoor().ifPresent(door -> openFrontDoor(door, ports, settings.clusters(), audit));
        starter = Thread.ofPlatform().name("insula-start").daemon(true).start(() -> {
            try {
                startRest(settings, beans, components);
                announce(home, ports.choose("admin"), true);
                ready.complete(null);
            } catch (RuntimeException e) {
                ready.completeExceptionally(e);
            }
        });
    }

    /// The issuer is the superuser's own choice: what guards the host cluster's addresses from tenants is not
    /// in its way, all else that is near has to be opened.
    private People people() {
        OidcPlan issuer = plan.oidc();
        return issuer == null ? People.none() : People.of(issuer, EgressPolicy.CLOSED.opening(plan.egress()), clock);
    }

    private void openFrontDoor(FrontDoorPlan door, Ports ports, Clusters clusters, AuditTrail audit) {
        ports.fix(FRONT_DOOR, door.port());
        steps.run(
                "front door",
                () -> open.add(ports.outer(
                        FRONT_DOOR,
                        "front door",
                        _ -> clusters.openFrontDoor(door, plan.listening().bind(), audit.unheld(AuditTrail.HOST)))));
    }

    private void announce(Home home, int adminPort, boolean isReady) {
        var written = new ServiceFile(
                ProcessHandle.current().pid(),
                plan.marker(),
                plan.listening().localUrl(adminPort),
                plan.listening().publicUrl(adminPort),
                isReady);
        written.write(home);
        file = written;
    }

    private void startRest(TenantRuntime.Settings settings, ApplicationContext beans, Components components) {
        Broker broker = components.broker();
        AuditTrail audit = components.audit();
        Path external = plan.hostKubeconfig();
        var profiles = beans.getBean(Profiles.class);
        var identity = new HostIdentity(settings.state(), plan.memory().changeHost());
        HostCluster host = external == null
                ? HostCluster.embedded(
                        settings,
                        beans.getBean(NodeBackEnds.class).choose(plan.nodes()),
                        profiles,
                        identity,
                        audit,
                        steps,
                        open)
                : HostCluster.external(external, settings.home(), profiles, identity, steps, open);
        settings.state().rememberOptions(plan.memory().options());
        Attachments attachments = open.add(
                beans.getBean(AttachmentsFactory.class).start(host.syncer(), plan.hostRanges(), audit, loops, metrics));
        TenantController tenants =
                open.add(new TenantController(host.client(), settings, attachments, audit, profiles, loops));
        hostWarning = attachments::warning;
        admin = new AdminService(
                host.client(),
                tenants,
                open.add(new AuditReader(broker.settings())),
                host.access(),
                () -> components.with(host),
                new PodExplanations(
                                profiles,
                                new Validation(beans.getBean(ServerComponents.class), clock),
                                tenants::profilesOf)::explain,
                new ProfileChanges(profiles, host.client(), tenants::profilesOf, tenants::pods)::preview);
        steps.until("tenants", tenants::unsettled);
        tenants.stuck()
                .forEach((name, why) -> progress.accept(
                        "tenant " + name + " is not ready: " + why + "; the others run, and it goes on trying"));
        attachments.warning().ifPresent(progress);
        broker.started().join();
    }

    /// The admin API's view of a start.
    private final class Beginning implements StartUp {
        private final Components components;

        private Beginning(Components components) {
            this.components = components;
        }

        @Override
        public Optional<AdminService> service() {
            return Optional.ofNullable(admin);
        }

        @Override
        public ObjectNode status() {
            ObjectNode status = Json.object();
            status.set("components", components.with(null));
            status.putObject("tenants").put("total", 0).put("ready", 0);
            return status;
        }

        @Override
        public byte[] metrics() {
            return metrics.text();
        }

        @Override
        public String waitsFor() {
            return steps.describe();
        }
    }

    static ApplicationContext context() {
        return ApplicationContext.builder()
                .deduceEnvironment(false)
                .banner(false)
                .start();
    }

    private Broker broker(Home home, Ports ports, KeySafe safe) {
        KafkaSettings given = plan.kafka();
        return given == null
                ? Broker.own(home, ports, clock, safe, steps, open)
                : Broker.given(given, home, steps, open);
    }

    private void lock(Home home) {
        try {
            FileChannel channel =
                    open.add(FileChannel.open(home.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            if (channel.tryLock() == null) {
                throw new HomeException(
                        "another Insula runs in " + home.root() + ": type `" + home.command("status") + "`");
            }
        } catch (IOException | java.nio.channels.OverlappingFileLockException e) {
            throw new HomeException("cannot lock " + home.lockFile() + ": " + e, e);
        }
    }
}
