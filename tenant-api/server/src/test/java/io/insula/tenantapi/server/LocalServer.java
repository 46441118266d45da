package io.insula.tenantapi.server;

import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;

/// A server on loopback with an authority of its own, for trying it by hand and in tests.
public final class LocalServer implements AutoCloseable {

    private final TestPki pki;
    private final TestPki.Identity admin;
    private final TenantApiServer server;

    /// @param port 0 for any free one
    public LocalServer(ServerComponents components, Storage storage, int port) throws Exception {
        this(components, storage, port, config -> config);
    }

    /// @param settings what else to configure
    public LocalServer(
            ServerComponents components, Storage storage, int port, UnaryOperator<ServerConfig.Builder> settings)
            throws Exception {
        pki = new TestPki("CN=local-ca");
        admin = pki.client("O=system:masters,CN=admin");
        server = new TenantApiServer(
                components,
                settings.apply(ServerConfig.builder(storage, keys())
                                .http(HttpServerConfig.loopback(pki.serverTls()).at("127.0.0.1", port)))
                        .build());
        server.start();
    }

    public TenantApiServer server() {
        return server;
    }

    public TestPki pki() {
        return pki;
    }

    public TestPki.Identity admin() {
        return admin;
    }

    /// Writes a kubeconfig of the administrator.
    public void writeKubeconfig(Path file) throws IOException {
        String config = """
                apiVersion: v1
                kind: Config
                clusters: [{name: local, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}]
                users: [{name: admin, user: {client-certificate-data: %s, client-key-data: %s}}]
                contexts: [{name: local, context: {cluster: local, user: admin}}]
                current-context: local
                """.formatted(
                        server.port(),
                        pem("CERTIFICATE", encoded(pki.certificate())),
                        pem("CERTIFICATE", encoded(admin.certificate())),
                        pem("PRIVATE KEY", admin.key().getEncoded()));
        Files.writeString(file, config);
    }

    @Override
    public void close() {
        server.close();
    }

    /// Arguments: port, kubeconfig to write, and `host:port` of etcd (none: a store in memory).
    public static void main(String[] arguments) throws Exception {
        try (var beans = ApplicationContext.run()) {
            serve(beans.getBean(ServerComponents.class), arguments);
        }
    }

    static void serve(ServerComponents components, String[] arguments) throws Exception {
        Storage storage =
                arguments.length > 2 ? new EtcdStorage(EtcdConfig.plain(arguments[2])) : new InMemoryStorage();
        try (var local = new LocalServer(components, storage, Integer.parseInt(arguments[0]))) {
            local.writeKubeconfig(Path.of(arguments[1]));
            Thread.currentThread().join();
        }
    }

    public static ServiceAccountKeys keys() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        return new ServiceAccountKeys((ECPrivateKey) keys.getPrivate(), (ECPublicKey) keys.getPublic(), List.of());
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate cannot be encoded", e);
        }
    }

    private static String pem(String what, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        String text = "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
