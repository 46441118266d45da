package io.insula.tenantapi.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.insula.tenantapi.http.TestPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/// A small API server of the group wardle.example.com that lets in only whoever shows a front-proxy certificate.
final class AggregatedBackend implements AutoCloseable {

    static final String PATH = "/apis/wardle.example.com/v1alpha1";

    /// What one request looked like from behind.
    record Seen(String method, String path, Map<String, List<String>> headers, String body, String certificate) {
        List<String> header(String name) {
            return headers.getOrDefault(name, List.of());
        }
    }

    private static final String RESOURCES = """
            {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "wardle.example.com/v1alpha1", "resources": [
              {"name": "flunders", "singularName": "flunder", "namespaced": true, "kind": "Flunder",
               "verbs": ["get", "list", "watch", "create", "delete"], "shortNames": ["fl"]},
              {"name": "flunders/status", "singularName": "", "namespaced": true, "kind": "Flunder", "verbs": ["get"]}]}
            """;

    private static final String V3_INDEX = """
            {"paths": {"version": {"serverRelativeURL": "/openapi/v3/version?hash=1"},
              "apis/wardle.example.com/v1alpha1":
                {"serverRelativeURL": "/openapi/v3/apis/wardle.example.com/v1alpha1?hash=ABC"},
              "apis/apps/v1": {"serverRelativeURL": "/openapi/v3/apis/apps/v1?hash=STOLEN"}}}""";

    private static final String V2 = """
            {"swagger": "2.0", "paths": {
              "/apis/wardle.example.com/v1alpha1/flunders": {"get": {"operationId": "listFlunder",
                "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/io.k8s.sample.Flunder"}}}}},
              "/apis/apps/v1/deployments": {"get": {"operationId": "stolen"}}},
             "definitions": {"io.k8s.sample.Flunder": {"type": "object",
               "x-kubernetes-group-version-kind":
                 [{"group": "wardle.example.com", "kind": "Flunder", "version": "v1alpha1"}]}}}""";

    private final HttpsServer server;
    /// Objects by their paths, which are deleted for good.
    final Map<String, String> objects = new ConcurrentSkipListMap<>();

    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch secondEvent = new CountDownLatch(1);

    /// @param identity its own certificate
    /// @param proxies who may come
    AggregatedBackend(TestPki.Identity identity, X509Certificate proxies) throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        SSLContext context = context(identity, proxies);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    List<Seen> seen() {
        return seen.stream()
                .filter(one -> !one.path().equals(PATH) && !one.path().startsWith("/openapi/"))
                .toList();
    }

    void releaseSecondEvent() {
        secondEvent.countDown();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String subject = ((X509Certificate)
                            ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
            seen.add(new Seen(
                    exchange.getRequestMethod(), path, Map.copyOf(exchange.getRequestHeaders()), body, subject));
            if (path.equals(PATH)) {
                send(exchange, 200, RESOURCES);
            } else if (path.equals("/openapi/v3")) {
                send(exchange, 200, V3_INDEX);
            } else if (path.startsWith("/openapi/v3/apis/wardle.example.com/v1alpha1")) {
                send(exchange, 200, "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"wardle\"}}");
            } else if (path.equals("/openapi/v2")) {
                openApiV2(exchange);
            } else if (path.contains("limit=")) {
                page(exchange, path);
            } else if (exchange.getRequestMethod().equals("DELETE")) {
                delete(exchange, path);
            } else if (path.contains("redirect")) {
                exchange.getResponseHeaders().add("Location", "https://169.254.169.254/latest/meta-data");
                send(exchange, 302, "");
            } else if (path.contains("watch=true")) {
                watch(exchange);
            } else if (path.contains("broken")) {
                exchange.sendResponseHeaders(200, 3_000_000);
                exchange.getResponseBody().write(new byte[2_000_000]);
                exchange.getResponseBody().flush();
            } else if (path.contains("huge")) {
                send(exchange, 200, "x".repeat(5_000_000));
            } else {
                send(exchange, exchange.getRequestMethod().equals("POST") ? 201 : 200, "{\"kind\":\"FlunderList\"}");
            }
        }
    }

    /// One object a page; the token is the path of the one that came last.
    private void page(HttpExchange exchange, String path) throws IOException {
        String collection = path.substring(0, path.indexOf('?')) + "/";
        int token = path.indexOf("continue=");
        String after = token < 0
                ? collection
                : URLDecoder.decode(
                        path.substring(token + "continue=".length()).split("&", -1)[0], StandardCharsets.UTF_8);
        var left = objects.keySet().stream()
                .filter(each -> each.startsWith(collection) && each.compareTo(after) > 0)
                .toList();
        String item = left.isEmpty() ? "" : objects.get(left.getFirst());
        String more = left.size() > 1 ? left.getFirst() : "";
        send(
                exchange,
                200,
                "{\"kind\":\"FlunderList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"" + more
                        + "\"},\"items\":[" + item + "]}");
    }

    private void delete(HttpExchange exchange, String path) throws IOException {
        if (objects.remove(path) == null) {
            send(exchange, 404, "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}");
        } else {
            send(exchange, 200, "{\"kind\":\"Status\",\"status\":\"Success\"}");
        }
    }

    private static void openApiV2(HttpExchange exchange) throws IOException {
        if ("\"wardle-1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        exchange.getResponseHeaders().add("ETag", "\"wardle-1\"");
        send(exchange, 200, V2);
    }

    private void watch(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        var out = exchange.getResponseBody();
        out.write("{\"type\":\"ADDED\"}\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        try {
            if (secondEvent.await(3, TimeUnit.MINUTES)) {
                out.write("{\"type\":\"DELETED\"}\n".getBytes(StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static SSLContext context(TestPki.Identity identity, X509Certificate proxies) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("me", identity.key(), new char[0], new X509Certificate[] {identity.certificate()});
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("proxies", proxies);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
