package io.insula.tenantapi.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.ExtensionAdmission;
import io.insula.tenantapi.aggregation.Aggregation;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.Suspension;
import io.insula.tenantapi.auth.TokenAuthenticator;
import io.insula.tenantapi.bootstrap.Bootstrap;
import io.insula.tenantapi.bootstrap.BootstrapConfig;
import io.insula.tenantapi.client.Behind;
import io.insula.tenantapi.client.LocalClient;
import io.insula.tenantapi.crd.CustomResources;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.flowcontrol.FlowControl;
import io.insula.tenantapi.flowcontrol.FlowControlObjects;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpServer;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.ProcessMetrics;
import io.insula.tenantapi.pipeline.DiscoveryEndpoint;
import io.insula.tenantapi.pipeline.Endpoint;
import io.insula.tenantapi.pipeline.OpenApiEndpoint;
import io.insula.tenantapi.pipeline.PipelineService;
import io.insula.tenantapi.pipeline.RequestPipeline;
import io.insula.tenantapi.pipeline.SystemEndpoints;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.Engine;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.security.Security;
import io.insula.tenantapi.security.SecurityConfig;
import io.insula.tenantapi.service.ClusterIpRepair;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.service.RangeClusterIps;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.cache.CacheConfig;
import io.insula.tenantapi.storage.cache.CachedStorage;
import io.insula.tenantapi.webhook.ServiceResolver;
import io.insula.tenantapi.webhook.WebhookClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Kubernetes API of one tenant. Made, started, asked, closed. Thread-safe once started.
public final class TenantApiServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantApiServer.class);
    private static final Duration RECORD_WITHIN = Duration.ofSeconds(5);

    /// The common name of front proxies, as kubeadm has it.
    private static final String FRONT_PROXY = "front-proxy-client";

    private static final String KEYS_PATH = "/openid/v1/jwks";

    private final ServerComponents components;
    private final ServerConfig config;
    private final Storage storage;
    private final KindRegistry kinds;
    private final Security security;
    private final LocalClient client;
    private final CustomResources customResources;
    private final MetricRegistry metrics = new MetricRegistry();
    private final LoopMetrics loops = new LoopMetrics(metrics);
    private final Health health;
    private final FlowControl flowControl;
    private final FlowControlObjects flowObjects;
    private final ClusterIps clusterIps;
    private final Egress egress;
    private final ExtensionAdmission extensions;
    private final Aggregation aggregation;
    private final RequestPipeline pipeline;
    private volatile @Nullable HttpServer http;
    private volatile @Nullable ClusterIpRepair repair;

    public TenantApiServer(ServerComponents components, ServerConfig config) {
        this.components = components;
        this.config = config;
        storage = new CachedStorage(new MeasuredStorage(config.storage(), metrics), CacheConfig.usual());
        health = new Health(storage);
        flowControl = new FlowControl(
                config.service().seats(), System::nanoTime, this::later, metrics, config.standing()::isFor);
        kinds = new KindRegistry(Stream.concat(components.kinds().stream(), config.kinds().stream())
                .toList());
        egress = new Egress(config.egress(), List.of());
        security = new Security(securityConfig(), this::client, egress, config.clock());
        clusterIps = config.clusterIps()
                .map(factory -> factory.apply(this::client))
                .orElseGet(() -> new RangeClusterIps(this::client, config.serviceCidr(), config.clock()));
        ServiceResolver services = config.serviceResolver()
                .map(factory -> factory.apply(this::client))
                .orElseGet(() -> ServiceResolver.byEndpoints(this::client, config.runningPods()));
        var webhooks = new WebhookClient(egress, services);
        extensions = new ExtensionAdmission(kinds, components.schemas(), webhooks, this::client);
        var store = new ObjectStore(engine());
        var calls = new AuditedCalls(config.auditSink(), config.clock());
        client = LocalClient.loopback(store, kinds, calls, () -> behind());
        flowObjects = new FlowControlObjects(
                this::client, flowControl, () -> bootstrap().runFlowControl(), config.clock());
        registerMetrics();
        aggregation = new Aggregation(
                this::client,
                kinds,
                services,
                config.egress(),
                config.frontProxy(),
                components.timers(),
                config.clock());
        customResources = new CustomResources(
                kinds,
                client,
                LocalClient.loopback(new ObjectStore(engine(List.of())), kinds, calls),
                components.timers(),
                webhooks);
        pipeline = new RequestPipeline(parts(store));
    }

    private SecurityConfig securityConfig() {
        return new SecurityConfig(
                config.serviceAccountKeys(),
                config.issuer(),
                List.of(),
                config.revoked(),
                config.authentication(),
                List.of(FRONT_PROXY),
                config.standing(),
                config.reserved());
    }

    private RequestPipeline.Parts parts(ObjectStore store) {
        var service = new PipelineService(
                config.service().auditPolicy(),
                flowControl,
                flowObjects::requested,
                metrics,
                components.timers(),
                config.revoked());
        return new RequestPipeline.Parts(
                components.codec(),
                kinds,
                store,
                security.authenticator(),
                new Suspension(config.suspended(), config.standing()::isFor).before(security.authorizer()),
                config.auditSink(),
                config.passThrough(),
                aggregation,
                endpoints(),
                service,
                config.clock());
    }

    /// Loads what is served and makes sure that the objects of every tenant exist. Returns when requests may come.
    ///
    /// @throws io.insula.tenantapi.api.ApiException when the store does not answer
    public void start() {
        customResources.start();
        health.done(Health.Step.DEFINITIONS);
        bootstrap().run();
        health.done(Health.Step.BOOTSTRAP);
        extensions.start();
        flowObjects.start();
        health.done(Health.Step.FLOW_CONTROL);
        aggregation.start();
        if (clusterIps instanceof RangeClusterIps range) {
            repair = ClusterIpRepair.start(range, components.timers());
            health.done(Health.Step.CLUSTER_IPS);
        }
        config.http().ifPresent(listening -> http = HttpServer.start(listening, components.loops(), pipeline));
    }

    /// Writes what it tells of itself anew where that has changed: whom it trusts, above all.
    ///
    /// @throws io.insula.tenantapi.api.ApiException when the store does not answer
    public void tellOfItself() {
        bootstrap().run();
    }

    private Bootstrap bootstrap() {
        var known = new BootstrapConfig(
                clusterIps instanceof RangeClusterIps range ? range.first() : "",
                clusterIps.networks(),
                config.advertiseAddress(),
                config.advertisePort(),
                config.extensionAuthentication().get());
        return new Bootstrap(client, known, config.clock());
    }

    private void registerMetrics() {
        ProcessMetrics.register(metrics);
        ServerMetrics.register(metrics, storage, kinds);
        metrics.counter(
                "apiserver_tls_handshake_errors_total",
                "Number of TLS handshakes that failed",
                () -> handshakeErrors());
        metrics.gauge(
                "kubernetes_build_info",
                "The Kubernetes version whose API this is",
                List.of("major", "minor", "git_version", "platform"),
                () -> List.of(SystemEndpoints.buildInfo()));
    }

    /// The port that it listens on.
    ///
    /// @throws IllegalStateException before it has been started, or when it does not listen
    public int port() {
        return listening().port();
    }

    /// New connections use this material; running ones keep theirs.
    public void updateTls(ServerTls tls) {
        listening().updateTls(tls);
    }

    private HttpServer listening() {
        HttpServer running = http;
        if (running == null) {
            throw new IllegalStateException("the server does not listen");
        }
        return running;
    }

    /// What an HTTP edge hands its requests to.
    public HttpHandler handler() {
        return pipeline;
    }

    /// Where controllers beside this server count what they do: shown with its own metrics.
    public LoopMetrics loopMetrics() {
        return loops;
    }

    /// The API in process, as the server itself.
    public ObjectClient client() {
        return client;
    }

    public ServiceAccountTokens serviceAccountTokens() {
        return security.tokens();
    }

    public Authorizer authorizer() {
        return security.authorizer();
    }

    /// Says that it is not ready, drains requests, then ends everything that runs, the store last.
    @Override
    public void close() {
        health.stopping();
        HttpServer running = http;
        if (running != null) {
            awaitLoadBalancers();
            running.close();
        }
        if (!pipeline.awaitRecorded(RECORD_WITHIN)) {
            LOG.atWarn().log("stopped before the end of all streams was recorded");
        }
        flowObjects.close();
        ClusterIpRepair repairing = repair;
        if (repairing != null) {
            repairing.close();
        }
        aggregation.close();
        customResources.close();
        extensions.close();
        egress.close();
        security.close();
        storage.close();
    }

    private Behind behind() {
        return aggregation.objects();
    }

    private double handshakeErrors() {
        HttpServer running = http;
        return running == null ? 0 : (double) running.handshakeErrors();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // runs once
    private void later(Runnable task, Duration after) {
        components.timers().schedule(task, after.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void awaitLoadBalancers() {
        try {
            Thread.sleep(config.service().shutdownDelay());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Engine engine() {
        var plugins = new ArrayList<AdmissionPlugin>(components.plugins());
        plugins.addAll(config.plugins());
        plugins.addAll(extensions.plugins());
        return engine(plugins);
    }

    private Engine engine(List<AdmissionPlugin> plugins) {
        return new Engine(
                storage,
                kinds,
                components.schemas(),
                plugins,
                services(),
                components.codec(),
                config.clock(),
                components.timers(),
                this::onWrite,
                this::client);
    }

    private void onWrite(ResourceKind kind, ObjectNode object, boolean gone) {
        if (kind.spec().kind().group().equals(FlowControlObjects.GROUP)) {
            flowObjects.changed();
        }
        extensions.written(kind, object, gone);
        aggregation.written(kind, object, gone);
        if (!kind.spec().gvr().equals(CustomResources.DEFINITIONS)) {
            return;
        }
        if (gone) {
            customResources.gone(object);
        } else {
            customResources.written(object);
        }
    }

    private ServerServices services() {
        var parts = new LinkedHashMap<>(config.components());
        parts.put("etcd-0", health::askedEtcd);
        return new Services(clusterIps, security.authorizer(), security.tokens(), security.bearerTokens(), parts);
    }

    private record Services(
            ClusterIps clusterIps,
            Authorizer authorizer,
            ServiceAccountTokens serviceAccountTokens,
            TokenAuthenticator tokens,
            Map<String, Runnable> components)
            implements ServerServices {}

    private List<Endpoint> endpoints() {
        var discovery = new DiscoveryEndpoint(kinds, components.codec(), aggregation);
        return List.of(
                SystemEndpoints.version(),
                health.endpoint(steps(), aggregation::progress),
                SystemEndpoints.metrics("/metrics", metrics),
                SystemEndpoints.metrics("/metrics/slis", health.indicators()),
                discovery,
                new OpenApiEndpoint(kinds, components.documents(), aggregation::remotes),
                SystemEndpoints.root(() -> paths(discovery)),
                SystemEndpoints.document(
                        "/.well-known/openid-configuration",
                        "application/json",
                        () -> security.tokens().discoveryDocument(config.issuer() + KEYS_PATH)),
                SystemEndpoints.document(
                        KEYS_PATH,
                        "application/jwk-set+json",
                        () -> security.tokens().keySet()));
    }

    /// A tenant's addresses are the host's, who repairs them.
    private Set<Health.Step> steps() {
        Set<Health.Step> all = EnumSet.allOf(Health.Step.class);
        if (!(clusterIps instanceof RangeClusterIps)) {
            all.remove(Health.Step.CLUSTER_IPS);
        }
        return all;
    }

    private static List<String> paths(DiscoveryEndpoint discovery) {
        var all = new ArrayList<>(discovery.paths());
        all.addAll(List.of(
                "/healthz",
                "/livez",
                "/metrics",
                "/metrics/slis",
                "/openapi/v2",
                "/openapi/v3",
                "/readyz",
                "/version"));
        return all.stream().sorted().toList();
    }
}
