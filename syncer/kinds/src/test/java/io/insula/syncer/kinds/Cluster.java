package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.HostRights.Right;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantRights;
import io.insula.tenantapi.auth.Authorizer.ResourceRule;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerManager;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.rbac.StandingRights;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// A real API server with its controllers, over TLS with client certificates, on a store in memory.
final class Cluster implements AutoCloseable {

    private static final Duration LONG = Duration.ofDays(30);

    private record Identity(X509Certificate certificate, KeyPair keys) {}

    private final TenantApiServer server;
    private final ControllerManager controllers;
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Identity authority;
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final Config config;
    private final KubernetesClient client;

    /// @param tenant whether Services wait for the host's addresses
    Cluster(ApplicationContext beans, boolean tenant, List<ControllerFactory> extra)
            throws GeneralSecurityException, OperatorCreationException, java.io.IOException {
        this(beans, tenant, extra, Beans.syncers(beans));
    }

    /// @param syncers whose rights the syncer has in a tenant
    Cluster(ApplicationContext beans, boolean tenant, List<ControllerFactory> extra, List<Syncer<?>> syncers)
            throws GeneralSecurityException, OperatorCreationException, java.io.IOException {
        authority = issue("CN=ca", null, null);
        var serving = issue("CN=server", authority, KeyPurposeId.id_kp_serverAuth);
        var admin = issue("O=system:masters,CN=admin", authority, KeyPurposeId.id_kp_clientAuth);
        var tokens = keys();
        var builder = ServerConfig.builder(
                        new InMemoryStorage(),
                        new ServiceAccountKeys(
                                (ECPrivateKey) tokens.getPrivate(), (ECPublicKey) tokens.getPublic(), List.of()))
                .clock(new Ahead(ahead::get))
                .http(HttpServerConfig.loopback(new ServerTls(
                        List.of(serving.certificate()),
                        serving.keys().getPrivate(),
                        List.of(authority.certificate()))));
        if (tenant) {
            builder.clusterIps(_ -> new HostGiven()).standing(rights(syncers));
        }
        server = new TenantApiServer(beans.getBean(ServerComponents.class), builder.build());
        server.start();
        client = new KubernetesClientBuilder().withConfig(config(admin)).build();
        config = tenant ? syncer(Duration.ofDays(1)) : config(admin);
        if (!tenant) {
            // the control plane's to make
            var profiles = beans.getBean(Profiles.class);
            for (var sandbox : profiles.sandboxes()) {
                String profile = sandbox.wireName();
                client.resource(new PriorityClassBuilder()
                                .withNewMetadata()
                                .withName(profiles.settings(profile, Map.of("sandbox", profile))
                                        .priorityClassName())
                                .endMetadata()
                                .withValue(0)
                                .build())
                        .create();
            }
        }
        controllers = beans.getBean(ControllerManagers.class)
                .start(
                        server.client(),
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        new ClusterFacts("ca"),
                        server.loopMetrics(),
                        extra);
    }

    /// A credential of the syncer's, that the API server takes for so long.
    Config syncer(Duration life) throws GeneralSecurityException, OperatorCreationException, java.io.IOException {
        return config(issue("O=insula:syncer,CN=insula:syncer", authority, KeyPurposeId.id_kp_clientAuth, life));
    }

    /// So much later for the API server than it is.
    void pass(Duration time) {
        ahead.updateAndGet(time::plus);
    }

    private Config config(Identity user) throws GeneralSecurityException {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + server.port())
                .withCaCertData(pem("CERTIFICATE", authority.certificate().getEncoded()))
                .withClientCertData(pem("CERTIFICATE", user.certificate().getEncoded()))
                .withClientKeyData(pem("PRIVATE KEY", user.keys().getPrivate().getEncoded()))
                .withClientKeyAlgo("EC")
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    /// As the control plane gives them.
    private static StandingRights rights(List<Syncer<?>> syncers) {
        return new StandingRights(
                "insula:syncer",
                TenantRights.of(syncers).everywhere().stream()
                        .map(Cluster::rule)
                        .toList());
    }

    private static ResourceRule rule(Right right) {
        int slash = right.resource().indexOf('/');
        return new ResourceRule(
                List.copyOf(right.verbs()),
                List.of(right.resource().substring(0, slash)),
                List.of(right.resource().substring(slash + 1)),
                List.copyOf(right.names()));
    }

    /// The syncer's: in a tenant it has the rights that its syncers declare, and no other.
    Config config() {
        return config;
    }

    /// An administrator's.
    KubernetesClient client() {
        return client;
    }

    @Override
    public void close() {
        controllers.close();
        client.close();
        server.close();
        timer.shutdownNow();
        work.shutdownNow();
    }

    private static final class Ahead extends Clock {
        private final Supplier<Duration> by;

        Ahead(Supplier<Duration> by) {
            this.by = by;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return Clock.offset(Clock.system(zone), by.get());
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(by.get());
        }
    }

    private static final class HostGiven implements ClusterIps {
        @Override
        public Given allocate(com.fasterxml.jackson.databind.JsonNode service, String requested, boolean dryRun) {
            return new Given(requested.isEmpty() ? List.of() : List.of(requested), List.of(), List.of(), 0);
        }

        @Override
        public void release(String namespace, String name, String address) {
            // the host's to give back
        }
    }

    private static String pem(String type, byte[] bytes) {
        var text = "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static KeyPair keys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static Identity issue(String subject, @Nullable Identity issuer, @Nullable KeyPurposeId purpose)
            throws GeneralSecurityException, OperatorCreationException, java.io.IOException {
        return issue(subject, issuer, purpose, LONG);
    }

    private static Identity issue(
            String subject, @Nullable Identity issuer, @Nullable KeyPurposeId purpose, Duration life)
            throws GeneralSecurityException, OperatorCreationException, java.io.IOException {
        var keys = keys();
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name(
                        issuer == null
                                ? subject
                                : issuer.certificate().getSubjectX500Principal().getName()),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(life)),
                new X500Name(subject),
                keys.getPublic());
        if (purpose == null) {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        } else {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA")
                .build(issuer == null ? keys.getPrivate() : issuer.keys().getPrivate());
        return new Identity(new JcaX509CertificateConverter().getCertificate(builder.build(signer)), keys);
    }
}
