package io.insula.node.agent;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.host.scheduler.Scheduler;
import io.insula.node.client.NodeClients;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerManager;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// A real API server with its controllers and a scheduler, over TLS with client certificates, on a store in memory.
final class TestCluster implements AutoCloseable {

    private record Identity(X509Certificate certificate, KeyPair keys) {}

    private final ApplicationContext beans = ApplicationContext.run();
    private final TenantApiServer server;
    private final ControllerManager controllers;
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Identity authority;
    private final Config config;
    private final KubernetesClient client;
    private final TestGate gate;

    TestCluster() throws Exception {
        var authority = issue("CN=ca", null, null);
        var serving = issue("CN=server", authority, KeyPurposeId.id_kp_serverAuth);
        var admin = issue("O=system:masters,CN=admin", authority, KeyPurposeId.id_kp_clientAuth);
        var tokens = keys();
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(
                                new InMemoryStorage(),
                                new ServiceAccountKeys(
                                        (ECPrivateKey) tokens.getPrivate(),
                                        (ECPublicKey) tokens.getPublic(),
                                        List.of()))
                        .http(HttpServerConfig.loopback(new ServerTls(
                                List.of(serving.certificate()),
                                serving.keys().getPrivate(),
                                List.of(authority.certificate()))))
                        .build());
        server.start();
        gate = new TestGate(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + server.port())
                .withCaCertData(pem("CERTIFICATE", authority.certificate().getEncoded()))
                .withClientCertData(pem("CERTIFICATE", admin.certificate().getEncoded()))
                .withClientKeyData(pem("PRIVATE KEY", admin.keys().getPrivate().getEncoded()))
                .withClientKeyAlgo("EC")
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
        this.authority = authority;
        controllers = beans.getBean(ControllerManagers.class)
                .start(
                        server.client(),
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        new ClusterFacts("ca"),
                        server.loopMetrics(),
                        List.of(Scheduler.factory()));
    }

    KubernetesClient client() {
        return client;
    }

    /// One with the rights of a node, as of another process.
    KubernetesClient nodeClient(String node) {
        try {
            Identity own = issue("O=system:nodes,CN=system:node:" + node, authority, KeyPurposeId.id_kp_clientAuth);
            return new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(NodeClients.impatient(config))
                            .withMasterUrl("https://127.0.0.1:" + gate.port())
                            .withClientCertData(
                                    pem("CERTIFICATE", own.certificate().getEncoded()))
                            .withClientKeyData(
                                    pem("PRIVATE KEY", own.keys().getPrivate().getEncoded()))
                            .build())
                    .build();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// The way that nodes have to the API server.
    TestGate gate() {
        return gate;
    }

    @Override
    public void close() throws IOException {
        gate.close();
        controllers.close();
        client.close();
        server.close();
        timer.shutdownNow();
        work.shutdownNow();
        beans.close();
    }

    private static String pem(String type, byte[] bytes) {
        String text = "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static KeyPair keys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static Identity issue(String subject, @Nullable Identity issuer, @Nullable KeyPurposeId purpose)
            throws Exception {
        KeyPair keys = keys();
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name(
                        issuer == null
                                ? subject
                                : issuer.certificate().getSubjectX500Principal().getName()),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofDays(1))),
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
