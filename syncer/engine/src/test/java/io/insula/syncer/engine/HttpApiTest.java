package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.syncer.engine.Api.ApiFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes over the wire, and what is made of each answer: nobody may take silence or an error page for "it is gone"
/// or "it is done".
@Timeout(300)
class HttpApiTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private record Asked(String method, String path, String type, String auditId, String authorization, String body) {}

    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile int code = 200;
    private volatile String answer = "{}";
    private volatile boolean silent;
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
        client = client(server.getAddress().getPort(), "");
    }

    @AfterEach
    void close() {
        over.countDown();
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void sendsWhatItIsGivenWithTheClientsCredentials() {
        answer = "{\"kind\": \"Pod\"}";

        JsonNode told = api().send("DELETE", "/api/v1/namespaces/a/pods/p?x=1", Api.JSON, json("{\"a\": 1}"), "an-id");

        assertThat(told.path("kind").asText()).isEqualTo("Pod");
        assertThat(asked).singleElement().satisfies(one -> {
            assertThat(one.method()).isEqualTo("DELETE");
            assertThat(one.path()).isEqualTo("/api/v1/namespaces/a/pods/p?x=1");
            assertThat(one.type()).startsWith("application/json");
            assertThat(one.auditId()).isEqualTo("an-id");
            assertThat(one.authorization()).isEqualTo("Bearer secret");
            assertThat(json(one.body())).isEqualTo(json("{\"a\": 1}"));
        });
    }

    @Test
    void keepsToTheServersPath() throws IOException {
        try (var other = client(server.getAddress().getPort(), "/cluster/c1/")) {
            assertThat(new HttpApi(other, PATIENCE).get("/api/v1/nodes/n")).isPresent();
        }
        assertThat(asked).extracting(Asked::path).containsExactly("/cluster/c1/api/v1/nodes/n");
    }

    /// Only the API server's own word counts for "there is none".
    @Test
    void readsAndSaysWhenThereIsNone() {
        answer = "{\"kind\": \"Pod\"}";
        assertThat(api().get("/p")).contains(json("{\"kind\": \"Pod\"}"));
        code = 404;
        assertThat(api().get("/p")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // code, whether it is an outage, whether trying again is no use
                "400 | false | true",
                "401 | false | false",
                "403 | false | true",
                "404 | false | false",
                "409 | false | false",
                "410 | false | true",
                "422 | false | true",
                "429 | false | false",
                "500 | false | false",
                "502 | true  | false",
                "503 | true  | false",
                "504 | true  | false",
            })
    void tellsAWriteThatFailedByItsCodeAndTheServersWords(int status, boolean outage, boolean refusal) {
        code = status;
        answer = "{\"kind\": \"Status\", \"message\": \"these are the words\"}";

        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> api().send("PATCH", "/p", Api.APPLY, json("{}"), "an-id"))
                .withMessage("these are the words")
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(status);
                    assertThat(e.isOutage()).isEqualTo(outage);
                    assertThat(e.isRefusal()).isEqualTo(refusal);
                });
        if (status != 404) {
            assertThatExceptionOfType(ApiFailure.class).isThrownBy(() -> api().get("/p"));
        }
    }

    /// As proxies answer for a server that is not there.
    @ParameterizedTest
    @ValueSource(strings = {"<html>bad gateway</html>", "", "[]", "{\"message\": \"\"}"})
    void namesTheCodeWhereThereAreNoWords(String page) {
        code = 502;
        answer = page;

        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> api().get("/p"))
                .withMessage("HTTP 502");
    }

    @Test
    void takesAPageThatIsNotJsonForNoObject() {
        answer = "<html>welcome</html>";

        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> api().get("/p"))
                .withMessageStartingWith("not JSON");
        assertThat(api().send("PATCH", "/p", Api.APPLY, json("{}"), "an-id").isMissingNode())
                .as("it was done all the same")
                .isTrue();
    }

    @Test
    void waitsOnlyAsLongAsItMay() {
        silent = true;
        var hasty = new HttpApi(client, Duration.ofMillis(200));

        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> hasty.send("PATCH", "/p", Api.APPLY, json("{}"), "an-id"))
                .withMessageContaining("no answer within PT0.2S")
                .satisfies(e -> assertThat(e.isOutage()).isTrue())
                .satisfies(e -> assertThat(e.isRefusal()).isFalse());
    }

    @Test
    void tellsThatNobodyIsThere() throws IOException {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        try (var nobody = client(free, "")) {
            assertThatExceptionOfType(ApiFailure.class)
                    .isThrownBy(() -> new HttpApi(nobody, PATIENCE).get("/p"))
                    .satisfies(e -> assertThat(e.code()).isZero())
                    .satisfies(e -> assertThat(e.isOutage()).isTrue());
        }
    }

    @Test
    void keepsAnInterruption() {
        silent = true;
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> api().get("/p"))
                .withMessage("interrupted");
        assertThat(Thread.interrupted()).as("the flag").isTrue();
    }

    private HttpApi api() {
        return new HttpApi(client, PATIENCE);
    }

    private static KubernetesClient client(int port, String path) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withAutoConfigure(false)
                        .withMasterUrl("http://127.0.0.1:" + port + path)
                        .withOauthToken("secret")
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    private void handle(HttpExchange exchange) throws IOException {
        var headers = exchange.getRequestHeaders();
        asked.add(new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                String.valueOf(headers.getFirst("Content-Type")),
                String.valueOf(headers.getFirst("Audit-ID")),
                String.valueOf(headers.getFirst("Authorization")),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        if (silent) {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }
}
