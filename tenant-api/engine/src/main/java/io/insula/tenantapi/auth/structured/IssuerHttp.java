package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Reads JSON documents over HTTPS. Calls are rare: each has a client of its own, and nothing stays open after it.
///
/// @param certificateAuthority PEM; empty for the platform's authorities
record IssuerHttp(String certificateAuthority) {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 1024 * 1024;

    /// @throws IOException with a message for people when there is no such document within ten seconds
    ObjectNode get(String url) throws IOException {
        URI place = URI.create(url);
        if (!"https".equals(place.getScheme())) {
            throw new IOException("Get \"" + url + "\": URL scheme must be https");
        }
        var threads = Thread.ofVirtual().name("token-issuer-", 0).factory();
        try (var executor = Executors.newThreadPerTaskExecutor(threads)) {
            HttpClient client = HttpClient.newBuilder()
                    .executor(executor)
                    .sslContext(trust())
                    .connectTimeout(TIMEOUT)
                    // never from HTTPS to HTTP
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build();
            try {
                return read(url, client.send(request(place), info -> limited()));
            } finally {
                client.shutdownNow();
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("Get \"" + url + "\": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Get \"" + url + "\": context canceled", e);
        }
    }

    private static HttpRequest request(URI place) {
        return HttpRequest.newBuilder(place)
                .timeout(TIMEOUT)
                .header("Accept", "application/json")
                .build();
    }

    private static HttpResponse.BodySubscriber<byte[]> limited() {
        return HttpResponse.BodySubscribers.limiting(HttpResponse.BodySubscribers.ofByteArray(), MAX_ANSWER);
    }

    private static ObjectNode read(String url, HttpResponse<byte[]> answer) throws IOException {
        if (answer.statusCode() != 200) {
            throw new IOException("Get \"" + url + "\": status " + answer.statusCode());
        }
        if (Json.MAPPER.readTree(answer.body()) instanceof ObjectNode document) {
            return document;
        }
        throw new IOException("Get \"" + url + "\": the answer is no JSON object");
    }

    private SSLContext trust() throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (certificateAuthority.isEmpty()) {
            factory.init((KeyStore) null);
        } else {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int i = 0;
            byte[] pem = certificateAuthority.getBytes(StandardCharsets.UTF_8);
            for (Certificate authority :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                store.setCertificateEntry("ca" + i++, authority);
            }
            factory.init(store);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
