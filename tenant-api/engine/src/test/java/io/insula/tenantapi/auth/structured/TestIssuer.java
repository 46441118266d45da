package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.TestPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// An OpenID issuer over TLS on loopback, and what it signs.
public final class TestIssuer implements AutoCloseable {

    private final TestPki pki;
    private final HttpsServer server;
    private final Map<String, String> further = new ConcurrentHashMap<>();
    private final AtomicInteger keyRequests = new AtomicInteger();
    private volatile List<JWK> published;
    private volatile String claimed;
    private volatile boolean broken;
    private volatile String keysAt;
    private volatile String redirectedTo = "";

    public TestIssuer(JWK... keys) {
        try {
            pki = new TestPki("CN=issuer-ca");
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context(pki.server())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        published = List.of(keys);
        claimed = url();
        keysAt = url() + "/keys";
        server.createContext("/.well-known/openid-configuration", this::document);
        server.createContext("/keys", this::keys);
        server.createContext("/redirected", this::redirect);
        server.start();
    }

    public String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    public String certificateAuthority() {
        return pem(pki.certificate());
    }

    int keyRequests() {
        return keyRequests.get();
    }

    public void publish(JWK... keys) {
        published = List.of(keys);
    }

    void claim(String issuer) {
        claimed = issuer;
    }

    public void broken(boolean now) {
        broken = now;
    }

    public static String sign(JWK key, JWSAlgorithm algorithm, String claims) {
        return sign(key, new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
    }

    public static String sign(JWK key, JWSHeader header, String claims) {
        try {
            var token = new JWSObject(header, new Payload(claims));
            JWSSigner signer = switch (key) {
                case RSAKey rsa -> new RSASSASigner(rsa);
                case ECKey ec -> new ECDSASigner(ec);
                default -> throw new AssertionError(key.getKeyType());
            };
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static JWSHeader.Builder header(JWSAlgorithm algorithm) {
        return new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT);
    }

    void keysAt(String url) {
        keysAt = url;
    }

    /// Its document names a place for the keys that leads on to this one.
    void redirectKeys(String location) {
        redirectedTo = location;
        keysAt = url() + "/redirected";
    }

    /// Has it answer at a place more, which its document names.
    ///
    /// @param field of the document; empty for a place that it does not name
    public void at(String path, String field, HttpHandler answering) {
        server.createContext(path, answering);
        if (!field.isEmpty()) {
            further.put(field, url() + path);
        }
    }

    private void redirect(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().add("Location", redirectedTo);
            exchange.sendResponseHeaders(302, -1);
        }
    }

    private void document(HttpExchange exchange) throws IOException {
        ObjectNode document = Json.object().put("issuer", claimed).put("jwks_uri", keysAt);
        further.forEach(document::put);
        answer(exchange, document.toString());
    }

    private void keys(HttpExchange exchange) throws IOException {
        keyRequests.incrementAndGet();
        answer(exchange, new JWKSet(published).toString(true));
    }

    private void answer(HttpExchange exchange, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(broken ? 500 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static SSLContext context(TestPki.Identity own) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("me", own.key(), new char[0], new X509Certificate[] {own.certificate()});
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    static String pem(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
