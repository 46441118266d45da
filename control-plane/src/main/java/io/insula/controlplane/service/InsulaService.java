package io.insula.controlplane.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.admin.AdminPki;
import io.insula.controlplane.admin.AdminService;
import io.insula.controlplane.admin.AdminSettings;
import io.insula.controlplane.audit.AuditReader;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.home.ShellWord;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Attachments;
import io.insula.controlplane.tenant.AttachmentsFactory;
import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.TenantController;
import io.insula.controlplane.tenant.TenantRuntime;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.api.Json;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything of one installation, running in this JVM and its child processes. Start with [#start], end with
/// [#close]; what is acknowledged survives both, and the death of the JVM. Confined to the starting thread,
/// `close` to any one.
public final class InsulaService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InsulaService.class);
    private static final Duration TENANTS_WITHIN = Duration.ofMinutes(2);

    private final Options options;
    private final Consumer<String> progress;
    private final Clock clock = Clock.systemUTC();
    /// What to close, last opened first.
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private @Nullable ServiceFile file;

    /// How to run.
    ///
    /// @param listening loopback unless the user says otherwise
    /// @param adminPort 0 for any free one
    /// @param hostKubeconfig null for the embedded host
    /// @param hostRanges addresses of the host cluster that it does not name itself
    /// @param kafka null to start a broker
    /// @param marker the argument by which this process is known; empty where it runs inside another program
    public record Options(
            Home home,
            Listening listening,
            int adminPort,
            boolean newPorts,
            @Nullable Path hostKubeconfig,
            HostRanges hostRanges,
            @Nullable KafkaSettings kafka,
            String marker) {

        /// The defaults, on loopback, inside another program (a test).
        public static Options of(Path home) {
            return new Options(new Home(home), Listening.loopback(), 0, false, null, HostRanges.NONE, null, "");
        }
    }

    private InsulaService(Options options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
    }

    /// Starts everything and returns when it is ready; tenants that exist are brought back first.
    ///
    /// @param progress hears one line per finished step, with its time
    /// @throws HomeException when the home folder or a port cannot be used
    /// @throws io.insula.controlplane.process.ChildException when etcd or Kafka does not start
    public static InsulaService start(Options options, Consumer<String> progress) {
        var service = new InsulaService(options, progress);
        try {
            service.startAll();
            return service;
        } catch (RuntimeException e) {
            service.close();
            throw e;
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

    /// Stops everything cleanly, in reverse order. Idempotent.
    @Override
    public void close() {
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a part did not stop cleanly");
            }
        }
    }

    private void startAll() {
        Home home = options.home();
        // Before anything is written: a damaged home stays as it is.
        HomeState.open(home);
        AtomicFiles.folder(home.root());
        lock(home);
        HomeState state = HomeState.open(home);
        delete(home.serviceFile());
        if (options.newPorts()) {
            state.forgetPorts("");
        }
        var ports = new Ports(state, options.listening());
        if (options.adminPort() != 0) {
            ports.fix("admin", options.adminPort());
        }
        state.port("admin").ifPresent(port -> ports.requireFree("admin API", port));
        AdminPki adminPki = AdminPki.open(home, options.listening(), clock);
        Broker broker = broker(home, ports);
        AuditTrail audit = opened(new AuditTrail(home.auditSpool(), broker.settings(), clock));
        ApplicationContext context = opened(context(Map.of()));
        var settings = new TenantRuntime.Settings(
                home, state, ports, context.getBean(Clusters.class), options.listening(), clock);
        Host host = host(settings, audit);
        TenantController tenants = tenants(context, settings, host, audit);
        broker.started().join();
        var admin = new AdminService(
                host.client(),
                tenants,
                opened(new AuditReader(broker.settings())),
                host.kubeconfig(),
                () -> components(host, broker, audit));
        step("admin API", () -> opened(ports.outer("admin", "admin API", port -> serve(admin, audit, adminPki, port))));
        int adminPort = ports.choose("admin");
        var written = new ServiceFile(
                ProcessHandle.current().pid(),
                options.marker(),
                options.listening().localUrl(adminPort),
                options.listening().publicUrl(adminPort));
        written.write(home);
        file = written;
        opened((AutoCloseable) () -> delete(home.serviceFile()));
    }

    /// In a context of its own, for a context reads a server's port once: another attempt needs another one.
    private ApplicationContext serve(AdminService admin, AuditTrail audit, AdminPki pki, int port) {
        ApplicationContext context =
                context(AdminSettings.properties(pki, options.listening().bind(), port));
        try {
            context.registerSingleton(AuditTrail.class, audit);
            context.registerSingleton(AdminService.class, admin);
            context.getBean(EmbeddedServer.class).start();
            return context;
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private static ApplicationContext context(Map<String, Object> properties) {
        return ApplicationContext.builder()
                .deduceEnvironment(false)
                .banner(false)
                .properties(properties)
                .start();
    }

    /// Kafka, ours or somebody else's.
    private record Broker(
            KafkaSettings settings,
            CompletableFuture<Void> started,
            @Nullable EmbeddedBroker embedded) {}

    /// Starts beside everything else: events wait in the spools until it answers.
    private Broker broker(Home home, Ports ports) {
        var starter = opened(Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("insula-kafka-start").daemon(true).factory()));
        KafkaSettings external = options.kafka();
        if (external != null) {
            return new Broker(external, CompletableFuture.runAsync(() -> tryOut(external), starter), null);
        }
        var embedded = new EmbeddedBroker(home, ports, clock);
        // Closed before the thread is awaited: a start still under way ends then.
        opened(embedded);
        var started = CompletableFuture.runAsync(() -> step("Kafka", embedded::start), starter);
        return new Broker(embedded.settings(), started, embedded);
    }

    /// Somebody else's Kafka may be away for a while: tenants run nevertheless, and their events wait.
    private void tryOut(KafkaSettings external) {
        try {
            step("Kafka at " + external.bootstrap(), external::requireAnswer);
        } catch (KafkaException e) {
            LOG.atWarn()
                    .addKeyValue("bootstrap", external.bootstrap())
                    .setCause(e)
                    .log("Kafka does not answer");
            progress.accept("Kafka at " + external.bootstrap() + " does not answer (" + e.getMessage()
                    + "): audit events wait on disk until it does; `"
                    + options.home().command("status") + "` tells");
        }
    }

    /// @param syncer how the syncer reaches it: with no more rights than `deploy/rbac` gives
    private record Host(
            KubernetesClient client,
            Config syncer,
            String endpoint,
            Function<String, String> kubeconfig,
            BooleanSupplier ready) {}

    private Host host(TenantRuntime.Settings settings, AuditTrail audit) {
        Path external = options.hostKubeconfig();
        Host host = external == null ? embeddedHost(settings, audit) : externalHost(external);
        step("host definitions and profiles", () -> {
            var setup = new HostSetup(host.client());
            setup.install();
            if (external == null) {
                setup.installRuntimes();
            }
        });
        return host;
    }

    private Host embeddedHost(TenantRuntime.Settings settings, AuditTrail audit) {
        EtcdProcess.binary();
        TenantRuntime runtime = opened(TenantRuntime.ofHost(settings));
        step("host etcd", runtime::startEtcd);
        step("host API server", () -> runtime.startServer(new Clusters.Role.Host(), audit.sink(AuditTrail.HOST)));
        ClusterPki pki = runtime.pki();
        Config config = Config.fromKubeconfig(
                hostKubeconfig(pki, runtime.localEndpoint(), "insula-control-plane", List.of(ClusterPki.MASTERS)));
        return new Host(
                client(config),
                Config.fromKubeconfig(hostKubeconfig(pki, runtime.localEndpoint(), InsulaLabels.SYNCER, List.of())),
                runtime.endpoint(),
                user -> hostKubeconfig(pki, runtime.endpoint(), user, List.of(ClusterPki.MASTERS)),
                runtime::isReady);
    }

    private static String hostKubeconfig(ClusterPki pki, String endpoint, String user, List<String> groups) {
        KeyAndCertificate credentials = pki.issueUser(user, groups, Duration.ofDays(365));
        return new Kubeconfig("insula-host", endpoint, pki.authority().certificatePem(), user, credentials).toYaml();
    }

    private Host externalHost(Path kubeconfig) {
        String yaml;
        try {
            yaml = Files.readString(kubeconfig, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new HomeException("cannot read the host's kubeconfig " + kubeconfig + ": " + e.getMessage(), e);
        }
        try {
            Config config = Config.fromKubeconfig(yaml);
            KubernetesClient client = client(config);
            step("host at " + config.getMasterUrl(), client::getKubernetesVersion);
            // what is given may be a cluster administrator's: the syncer acts as a user of its own
            Config syncer = new ConfigBuilder(config)
                    .withImpersonateUsername(InsulaLabels.SYNCER)
                    .build();
            return new Host(client, syncer, config.getMasterUrl(), _ -> yaml, () -> answers(client));
        } catch (KubernetesClientException e) {
            throw new HomeException(
                    "--host-kubeconfig: the cluster of " + kubeconfig + " does not answer: "
                            + rootOf(e).getMessage() + "; try `kubectl --kubeconfig "
                            + ShellWord.quote(kubeconfig) + " version`; nothing was changed",
                    e);
        } catch (IllegalArgumentException e) {
            throw new HomeException(
                    "--host-kubeconfig: " + kubeconfig + " is no kubeconfig: " + e.getMessage()
                            + "; nothing was changed",
                    e);
        }
    }

    private static boolean answers(KubernetesClient client) {
        try {
            return client.getKubernetesVersion() != null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private KubernetesClient client(Config config) {
        return opened(new KubernetesClientBuilder().withConfig(config).build());
    }

    private TenantController tenants(
            ApplicationContext context, TenantRuntime.Settings settings, Host host, AuditTrail audit) {
        Attachments attachments =
                opened(context.getBean(AttachmentsFactory.class).start(host.syncer(), options.hostRanges(), audit));
        TenantController tenants = opened(new TenantController(host.client(), settings, attachments, audit));
        step("tenants", () -> {
            Instant deadline = Instant.now().plus(TENANTS_WITHIN);
            while (!tenants.isSettled()) {
                if (Instant.now().isAfter(deadline)) {
                    LOG.atWarn().log("some tenants are not ready yet; they go on by themselves");
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        });
        tenants.stuck()
                .forEach((name, why) -> progress.accept(
                        "tenant " + name + " is not ready: " + why + "; the others run, and it goes on" + " trying"));
        return tenants;
    }

    private ObjectNode components(Host host, Broker broker, AuditTrail audit) {
        ObjectNode all = Json.object();
        all.putObject("host").put("ready", host.ready().getAsBoolean()).put("endpoint", host.endpoint());
        all.putObject("kafka")
                .put("ready", (broker.embedded() == null || broker.embedded().isReady()) && !audit.isFailing())
                .put("endpoint", broker.settings().bootstrap());
        all.putObject("audit").put("ready", !audit.isRefusing()).put("endpoint", auditState(audit));
        return all;
    }

    private static String auditState(AuditTrail audit) {
        if (audit.isRefusing()) {
            return "events cannot be written to disk: requests are refused until there is space";
        }
        return audit.isDrained() ? "all events are in Kafka" : "events wait for Kafka";
    }

    private void step(String name, Runnable work) {
        Instant begin = Instant.now();
        try {
            work.run();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        double seconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
        progress.accept(String.format(java.util.Locale.ROOT, "%-32s ready %6.1f s", name, seconds));
    }

    private void lock(Home home) {
        try {
            FileChannel channel =
                    opened(FileChannel.open(home.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            if (channel.tryLock() == null) {
                throw new HomeException(
                        "another Insula runs in " + home.root() + ": type `" + home.command("status") + "`");
            }
        } catch (IOException | java.nio.channels.OverlappingFileLockException e) {
            throw new HomeException("cannot lock " + home.lockFile() + ": " + e, e);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new HomeException("cannot remove " + path + ": " + e.getMessage(), e);
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }
}
