package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.TestPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Webhooks behind TLS on loopback, one per path; keeps what it has been asked.
public final class HookServer implements AutoCloseable {

    public final List<JsonNode> asked = new CopyOnWriteArrayList<>();
    private final TestPki pki;
    private final HttpsServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    public HookServer() throws Exception {
        pki = new TestPki("CN=hooks");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(pki.clientContext(pki.server())));
        server.setExecutor(executor);
        server.start();
    }

    /// @param respond makes the review's `response` of its `request`, but for the uid
    public void on(String path, Function<JsonNode, ObjectNode> respond) {
        onReview(path, review -> {
            ObjectNode answer = Json.object();
            answer.set("kind", review.get("kind"));
            answer.set("apiVersion", review.get("apiVersion"));
            ObjectNode response = respond.apply(review.path("request"));
            response.set("uid", review.path("request").get("uid"));
            answer.set("response", response);
            return answer;
        });
    }

    /// @param answer makes the whole answer of the whole review
    public void onReview(String path, UnaryOperator<ObjectNode> answer) {
        server.createContext(path, exchange -> answer(exchange, answer));
    }

    private void answer(HttpExchange exchange, UnaryOperator<ObjectNode> answer) throws IOException {
        ObjectNode review = Json.parse(exchange.getRequestBody().readAllBytes());
        asked.add(review.path("request"));
        byte[] body = Json.bytes(answer.apply(review));
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String url(String path) {
        return "https://127.0.0.1:" + port() + path;
    }

    /// The authority's certificate, as a `caBundle`.
    public String caBundle() throws Exception {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pki.certificate().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
