package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fuzz.Fuzz;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the whole server answers to input that is malformed, huge or forged. What is wrong on the wire below HTTP is
/// the matter of `HttpAttackTest`, `Http2AttackTest` and `HttpFuzzTest`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileInputTest {

    private static final long SEED = 34;
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final String YAML = "application/yaml";
    private static final String STRATEGIC = "application/strategic-merge-patch+json";
    private static final int LIMIT = 3 * 1024 * 1024;
    private static final int ROUNDS = 100;
    private static final int UPDATES = 25;

    private TestServer server;
    private HttpClient stranger;
    private String maps = "";
    private String pods = "";
    private long begun;

    @BeforeAll
    void start() {
        server = new TestServer();
        stranger = server.stranger();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newNamespace() {
        String namespace = "/api/v1/namespaces/" + server.namespace();
        maps = namespace + "/configmaps";
        pods = namespace + "/pods";
        server.post(maps, "{metadata: {name: kept}, data: {a: '1'}}");
        server.post(pods, "{metadata: {name: kept}, spec: {containers: [{name: c, image: i}]}}");
    }

    @AfterEach
    void isUpAndCorrect() {
        assertThat(server.send(server.request("GET", "/readyz", TestServer.JSON, ""))
                        .body())
                .isEqualTo("ok");
        assertThat(server.get(maps + "/kept").at("/data/a").asText()).isEqualTo("1");
    }

    private HttpResponse<String> send(String method, String path, String type, byte[] body) {
        return server.send(server.raw(method, path, type, body));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode status(HttpResponse<String> answer, int... codes) {
        JsonNode status = Json.parse(bytes(answer.body()));
        assertThat(status.path("kind").asText()).as(answer.body()).isEqualTo("Status");
        assertThat(codes).as(answer.body()).contains(answer.statusCode());
        return status;
    }

    @ParameterizedTest
    @ValueSource(strings = {TestServer.JSON, YAML, PROTOBUF})
    void refusesBodiesBeyondThreeMebibytes(String type) {
        JsonNode status = status(send("POST", maps, type, new byte[LIMIT + 1]), 413);
        assertThat(status.path("reason").asText()).isEqualTo("RequestEntityTooLarge");
        assertThat(status.path("message").asText()).isEqualTo("Request entity too large: limit is 3145728");
    }

    @ParameterizedTest
    @ValueSource(strings = {TestServer.MERGE, STRATEGIC, TestServer.JSON_PATCH, TestServer.APPLY})
    void refusesPatchesBeyondThreeMebibytes(String type) {
        status(send("PATCH", maps + "/kept?fieldManager=m", type, new byte[LIMIT + 1]), 413);
    }

    @Test
    void refusesObjectsThatFitTheRequestButNotTheStore() {
        String data = "x".repeat(1024 * 1024 + 1);
        status(
                send(
                        "POST",
                        maps,
                        TestServer.JSON,
                        bytes("{\"metadata\":{\"name\":\"big\"},\"data\":{\"a\":\"" + data + "\"}}")),
                422);
    }

    @Test
    void refusesTreesThatAreTooDeep() {
        for (int depth : new int[] {1_001, 20_000, 500_000}) {
            byte[] lists = bytes("[".repeat(depth));
            byte[] maps = bytes("{\"a\":".repeat(depth));
            for (byte[] body : List.of(lists, maps)) {
                status(send("POST", this.maps, TestServer.JSON, body), 400);
                status(send("PATCH", this.maps + "/kept", TestServer.MERGE, body), 400);
                status(send("PATCH", this.maps + "/kept", TestServer.JSON_PATCH, body), 400);
                status(send("PATCH", pods + "/kept", STRATEGIC, body), 400);
            }
            byte[] yaml = bytes("[".repeat(Math.min(depth, 100_000)));
            status(send("POST", this.maps, YAML, yaml), 400);
            status(send("PATCH", this.maps + "/kept?fieldManager=m", TestServer.APPLY, yaml), 400);
        }
    }

    @Test
    void takesTreesThatAreAlmostTooDeepWhicheverWayTheyGo() throws IOException {
        server.define(
                "deep.example.com",
                "deeps",
                "Deep",
                "Cluster",
                "{type: object, x-kubernetes-preserve-unknown-fields: true}",
                "v1");
        String all = "/apis/deep.example.com/v1/deeps";
        String deep = "{\"a\":".repeat(990) + "1" + "}".repeat(990);
        String object = "{\"apiVersion\":\"deep.example.com/v1\",\"kind\":\"Deep\",\"metadata\":{\"name\":\"%s\"},"
                + "\"spec\":%s}";
        try (Watched watch = server.watch(all)) {
            byte[] one = bytes(object.formatted("one", deep));
            assertThat(send("POST", all, TestServer.JSON, one).statusCode()).isEqualTo(201);
            byte[] two = bytes(object.formatted("two", deep));
            assertThat(send("PATCH", all + "/two?fieldManager=m", TestServer.APPLY, two)
                            .statusCode())
                    .isEqualTo(201);
            byte[] patch = bytes("{\"status\":" + deep + "}");
            assertThat(send("PATCH", all + "/two", TestServer.MERGE, patch).statusCode())
                    .isEqualTo(200);
            assertThat(watch.expect("ADDED", "one").path("spec").has("a")).isTrue();
            watch.expect("ADDED", "two");
            watch.expect("MODIFIED", "two");
        }
        for (String accept : List.of(TestServer.JSON, YAML, "application/json;as=Table;v=v1;g=meta.k8s.io")) {
            for (String path : List.of(all, all + "/two")) {
                var request = server.request("GET", path, TestServer.JSON, "").setHeader("Accept", accept);
                assertThat(server.send(request).statusCode()).as(accept + path).isEqualTo(200);
            }
        }
        server.delete(all + "/one");
        server.delete(all + "/two");
    }

    @Test
    void tellsOfManyDuplicatesFarDownInTime() {
        String key = "k".repeat(40_000);
        String duplicates = "\"a\":1,".repeat(200_000) + "\"a\":1";
        String body = "{\"metadata\":{\"name\":\"d\"},\"x\":" + ("{\"" + key + "\":").repeat(30) + "{" + duplicates
                + "}" + "}".repeat(30) + "}";
        status(send("POST", maps + "?fieldValidation=Strict", TestServer.JSON, bytes(body)), 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/namespaces/x%2F..%2Fdefault/configmaps/kept",
                "/api/v1/namespaces/../secrets",
                "/api/v1/namespaces/%2e%2e/secrets/x",
                "/api/v1/namespaces/default/configmaps/..%2F..%2Fsecrets",
                "/api/v1/namespaces/default/configmaps/a%00b",
                "/apis/..%2F..%2Fapi/v1/pods/x",
                "/api/v1//configmaps",
                "/api/v1/namespaces//configmaps/kept"
            })
    void findsNothingWhereAPathLeavesItsPlace(String path) {
        HttpResponse<String> answer = ask(path);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 405);
    }

    @Test
    void servesOthersWhileAWatcherDoesNotRead() throws Exception {
        // more than the sockets and the server's own queue for one watch take
        try (SSLSocket slow = connect();
                Watched watch = server.watch(maps)) {
            slow.getOutputStream().write(bytes("GET " + maps + "?watch=true HTTP/1.1\r\nHost: a\r\n\r\n"));
            watch.expect("ADDED", "kept");
            String filler = "x".repeat(400_000);
            for (int i = 0; i < UPDATES; i++) {
                server.patch(maps + "/kept", "{data: {filler: " + filler + i + "}}");
            }
            for (int i = 0; i < UPDATES; i++) {
                assertThat(watch.expect("MODIFIED", "kept").at("/data/filler").asText())
                        .isEqualTo(filler + i);
            }
        }
    }

    @Test
    void servesOthersWhileConnectionsStayHalfOpen() throws Exception {
        var open = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 15; i++) {
                open.add(new Socket(
                        InetAddress.getLoopbackAddress(),
                        server.local().server().port()));
                for (String begun : List.of(
                        "GET /api/v1/na",
                        "POST " + maps + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
                        "POST " + maps + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n{\"metadata\":")) {
                    SSLSocket socket = connect();
                    open.add(socket);
                    socket.getOutputStream().write(bytes(begun));
                }
            }
            isUpAndCorrect();
        } finally {
            for (Socket socket : open) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
    }

    /// As the administrator.
    private SSLSocket connect() throws Exception {
        var context = server.local().pki().clientContext(server.local().admin());
        return (SSLSocket) context.getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(),
                        server.local().server().port());
    }

    @Test
    void refusesYamlThatGrowsByItsAliases() {
        var bomb = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(9)));
        }
        status(send("POST", maps, YAML, bytes(bomb.toString())), 400, 413);
        status(send("PATCH", maps + "/bomb?fieldManager=m", TestServer.APPLY, bytes(bomb.toString())), 400, 413);
    }

    @Test
    void refusesMoreThanTenThousandOperations() {
        String one = "{\"op\":\"add\",\"path\":\"/data/a\",\"value\":\"1\"}";
        String many = "[" + (one + ",").repeat(10_000) + one + "]";
        JsonNode status = status(send("PATCH", maps + "/kept", TestServer.JSON_PATCH, bytes(many)), 413);
        assertThat(status.path("message").asText())
                .contains("The allowed maximum operations in a JSON patch is 10000, got 10001");
    }

    @Test
    void refusesPatchesThatCopyTheirObjectIntoItself() {
        var patch = new StringBuilder("[");
        for (int i = 0; i < 40; i++) {
            patch.append(i == 0 ? "" : ",").append("{\"op\":\"copy\",\"from\":\"\",\"path\":\"/x%d\"}".formatted(i));
        }
        status(send("PATCH", maps + "/kept", TestServer.JSON_PATCH, bytes(patch + "]")), 400, 413, 422);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "labelSelector=a%20in%20(",
                "labelSelector=,",
                "labelSelector=!",
                "labelSelector=-a=b",
                "labelSelector=a=b=c",
                "labelSelector=a%20in%20()%20)",
                "fieldSelector=a",
                "fieldSelector=spec.unknown=a",
                "fieldSelector=a=b,c",
                "fieldSelector=metadata.name=%5C",
                "continue=x",
                "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTUsInN0YXJ0IjoiLi4vLi4vIn0",
                "limit=a",
                "resourceVersion=-1",
                "resourceVersion=a",
                "resourceVersionMatch=Exact",
                "resourceVersion=1&resourceVersionMatch=Sometimes",
                "timeoutSeconds=x",
                "sendInitialEvents=true"
            })
    void refusesQueriesThatMeanNothing(String query) {
        status(server.send(server.request("GET", maps + "?" + query, TestServer.JSON, "")), 400, 422);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void letsNobodyInWithAForgedToken(long seed) {
        String account = maps.replace("configmaps", "serviceaccounts");
        JsonNode made = server.post(account + "/default/token", "{spec: {expirationSeconds: 3600}}");
        String token = made.at("/status/token").asText();
        assertThat(as(token)).isEqualTo(403);
        String[] parts = token.split("\\.", -1);
        var coder = Base64.getUrlEncoder().withoutPadding();
        ObjectNode claims = Json.parse(Base64.getUrlDecoder().decode(parts[1])).deepCopy();
        claims.put("sub", "system:serviceaccount:kube-system:default");
        String changed = coder.encodeToString(Json.bytes(claims));
        String none = coder.encodeToString(bytes("{\"alg\":\"none\",\"typ\":\"JWT\"}"));
        String symmetric = coder.encodeToString(bytes("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
        for (String forged : List.of(
                parts[0] + "." + changed + "." + parts[2],
                none + "." + changed + ".",
                none + "." + parts[1] + "." + parts[2],
                symmetric + "." + changed + "." + parts[2],
                parts[0] + "." + parts[1] + ".",
                parts[0] + "." + parts[1] + "." + "A".repeat(86),
                parts[0] + "." + parts[1] + "." + parts[2].substring(1),
                token + "." + parts[2],
                token.repeat(3),
                "...",
                "x")) {
            assertThat(as(forged)).as(forged).isEqualTo(401);
        }
        var random = random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            String forged = mutated(random, token, "abcXYZ019-_.=");
            assertThat(as(forged)).as("seed %s: %s", begun, forged).isIn(400, 401, forged.equals(token) ? 403 : 401);
        }
        assertThat(as(token)).isEqualTo(403);
    }

    private int as(String token) {
        return server.send(
                        stranger,
                        server.request("GET", maps, TestServer.JSON, "").header("Authorization", "Bearer " + token))
                .statusCode();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void survivesRandomBodies(long seed) {
        var random = random(seed);
        String map =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"f\",\"labels\":{\"a\":\"b\"},"
                        + "\"finalizers\":[],\"managedFields\":[{\"manager\":\"m\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
                        + "\"time\":\"2024-01-01T00:00:00Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:data\":{\".\":{},"
                        + "\"f:a\":{}}}}]},\"data\":{\"a\":\"1\"}}";
        String pod = "{\"metadata\":{\"name\":\"f\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\","
                + "\"resources\":{\"limits\":{\"cpu\":\"1\"}},\"ports\":[{\"containerPort\":80}]}]}}";
        for (int i = 0; i < ROUNDS; i++) {
            survived(send("POST", maps + "?dryRun=All", TestServer.JSON, bytes(json(random, map))));
            survived(send("POST", pods + "?dryRun=All", TestServer.JSON, bytes(json(random, pod))));
            survived(send("POST", maps + "?dryRun=All", YAML, bytes(json(random, map.replace("\"", "")))));
            byte[] frame = new byte[random.nextInt(60)];
            random.nextBytes(frame);
            frame = frame.length > 8 ? magic(frame) : frame;
            survived(send("POST", maps + "?dryRun=All", PROTOBUF, frame));
        }
    }

    private static byte[] magic(byte[] frame) {
        System.arraycopy(new byte[] {'k', '8', 's', 0}, 0, frame, 0, 4);
        return frame;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void survivesRandomPatches(long seed) {
        var random = random(seed);
        String operations = "[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"a\":\"b\"}},"
                + "{\"op\":\"test\",\"path\":\"/spec/containers/0/name\",\"value\":\"c\"},"
                + "{\"op\":\"move\",\"from\":\"/metadata/labels/a\",\"path\":\"/metadata/labels/b\"}]";
        String merge = "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":"
                + "\"j\"}],\"$patch\":\"merge\",\"tolerations\":null}}";
        String apply = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":"
                + "{\"containers\":[{\"name\":\"c\",\"image\":\"j\",\"env\":[{\"name\":\"e\",\"value\":\"1\"}]}]}}";
        String path = pods + "/kept?dryRun=All&force=false&fieldManager=";
        for (int i = 0; i < ROUNDS; i++) {
            survived(send("PATCH", path + "m", TestServer.JSON_PATCH, bytes(json(random, operations))));
            survived(send("PATCH", path + "m", TestServer.MERGE, bytes(json(random, merge))));
            survived(send("PATCH", path + "m", STRATEGIC, bytes(json(random, merge))));
            survived(send("PATCH", path + "m", TestServer.APPLY, bytes(json(random, apply))));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void survivesRandomQueries(long seed) {
        var random = random(seed);
        List<String> seeds = List.of(
                "a in (b,c),!d,e!=f",
                "metadata.name=kept,metadata.namespace!=x",
                "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJhXHUwMDAwIn0");
        for (int i = 0; i < ROUNDS; i++) {
            survived(ask(maps + "?labelSelector=" + url(mutated(random, seeds.get(0), "(),=!<> \u00e9"))));
            survived(ask(maps + "?fieldSelector=" + url(mutated(random, seeds.get(1), ",=!\\.x"))));
            survived(ask(maps + "?limit=1&continue=" + url(mutated(random, seeds.get(2), "AaZz09-_=+/"))));
            survived(server.send(server.request(
                            "GET",
                            pods + "?includeObject=" + url(mutated(random, "Metadata", "aZ ")),
                            TestServer.JSON,
                            "")
                    .setHeader(
                            "Accept",
                            mutated(random, "application/json;as=Table;v=v1;g=meta.k8s.io,*/*;q=0.1", ";,=/*q"))));
            survived(ask("/openapi/v3/" + url(mutated(random, "apis/apps/v1", "/.%")) + "?hash="
                    + url(mutated(random, "ABC", "%&"))));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void survivesRandomExpressions(long seed) {
        var random = random(seed);
        String rule =
                "object.spec.replicas <= 5 && object.metadata.labels.all(k, k.startsWith('a')) || [1,2].sum() > 1";
        ObjectNode policy = TestServer.tree("""
                {metadata: {name: fuzz}, spec: {matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1],
                 operations: [CREATE], resources: [deployments]}]}, validations: [{}]}}""");
        for (int i = 0; i < ROUNDS / 3; i++) {
            ((ObjectNode) policy.at("/spec/validations/0"))
                    .put("expression", mutated(random, rule, "()[]{}.,&|<>=!?:'0a"));
            survived(send(
                    "POST",
                    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies?dryRun=All",
                    TestServer.JSON,
                    Json.bytes(policy)));
        }
    }

    private HttpResponse<String> ask(String path) {
        return server.send(server.request("GET", path, TestServer.JSON, ""));
    }

    private static String url(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static LongStream seeds() {
        return Fuzz.seeds(SEED);
    }

    private Random random(long seed) {
        begun = seed;
        return new Random(seed);
    }

    /// No failure of the server's own; a refusal is a `Status`.
    private void survived(HttpResponse<String> answer) {
        String what = "-Dinsula.fuzz.seed=" + begun + ": " + answer.request().method() + " "
                + answer.request().uri() + ": " + answer.body();
        // upstream, too, calls what does not fit a type's schema a failure of its own
        boolean typed = answer.statusCode() == 500 && answer.body().contains("failed to create typed patch object");
        assertThat(answer.statusCode() < 500 || typed).as(what).isTrue();
        if (answer.statusCode() >= 400 && answer.body().startsWith("{")) {
            assertThat(Json.parse(bytes(answer.body())).path("kind").asText())
                    .as(what)
                    .isEqualTo("Status");
        }
    }

    /// JSON whose tokens are changed, so that most of it still parses.
    private static String json(Random random, String text) {
        String[] values = {
            "null", "[]", "{}", "1", "-1e400", "9223372036854775808", "true", "\"\"", "\"\\u0000\"", "{\"a\":[[]]}"
        };
        String result = text;
        for (int i = random.nextInt(3); i >= 0; i--) {
            int colon = result.indexOf(':', random.nextInt(result.length()));
            if (colon < 0) {
                continue;
            }
            String value = values[random.nextInt(values.length)];
            int end = colon + 1;
            while (end < result.length() && ",}]".indexOf(result.charAt(end)) < 0) {
                end++;
            }
            result = result.substring(0, colon + 1) + value + result.substring(end);
        }
        return random.nextInt(4) == 0 ? mutated(random, result, "{}[]\",:\\a0\u0000") : result;
    }

    private static String mutated(Random random, String text, String letters) {
        var out = new StringBuilder(text);
        for (int i = random.nextInt(4); i >= 0; i--) {
            char letter = letters.charAt(random.nextInt(letters.length()));
            int at = random.nextInt(out.length());
            switch (random.nextInt(3)) {
                case 0 -> out.insert(at, letter);
                case 1 -> out.setCharAt(at, letter);
                default -> {
                    if (out.length() > 1) {
                        out.deleteCharAt(at);
                    }
                }
            }
        }
        return out.toString();
    }
}
