package io.insula.tenantapi.webhook;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// HTTP clients by whom they trust and the name they ask for; the least recently used of more than [#MAX] is closed.
/// Thread-safe: guarded by `this`.
public final class HttpClients implements AutoCloseable {

    static final int MAX = 16;
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("webhook-", 0).factory());
    private final Map<Key, HttpClient> clients = new LinkedHashMap<>(MAX, 0.75f, true);
    private final List<KeyManager> keys;

    private record Key(String caBundle, String name, boolean verify) {}

    /// @param keys of the certificate that this server shows; empty for none
    public HttpClients(List<KeyManager> keys) {
        this.keys = List.copyOf(keys);
    }

    /// @param caBundle PEM; empty for the platform's authorities
    /// @param name that the server's certificate must have, and that it is asked for
    public HttpClient client(byte[] caBundle, String name, boolean verify) {
        Key key = new Key(new String(caBundle, java.nio.charset.StandardCharsets.ISO_8859_1), name, verify);
        HttpClient eldest = null;
        HttpClient wanted;
        synchronized (this) {
            wanted = clients.get(key);
            if (wanted == null) {
                wanted = make(caBundle, name, verify);
                clients.put(key, wanted);
                eldest = clients.size() > MAX ? removeEldest() : null;
            }
        }
        if (eldest != null) {
            // it finishes what it is doing
            eldest.shutdown();
        }
        return wanted;
    }

    private @Nullable HttpClient removeEldest() {
        Key first = clients.keySet().iterator().next();
        return clients.remove(first);
    }

    private HttpClient make(byte[] caBundle, String name, boolean verify) {
        var parameters = new SSLParameters();
        if (!name.isEmpty() && !name.contains(":") && !Character.isDigit(name.charAt(name.length() - 1))) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        return HttpClient.newBuilder()
                .executor(executor)
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslParameters(parameters)
                .sslContext(WebhookTls.context(caBundle, name, keys, verify))
                .build();
    }

    @Override
    public void close() {
        List<HttpClient> all;
        synchronized (this) {
            all = new ArrayList<>(clients.values());
            clients.clear();
        }
        all.forEach(HttpClient::shutdownNow);
        executor.shutdownNow();
    }
}
