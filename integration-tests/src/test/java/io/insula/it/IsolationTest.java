package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.process.KafkaProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Attacks on invariants 1 and 2, and 6: mallory, cluster-admin of her own tenant, tries to get at what is not
/// hers. She knows all ports, all public certificates and all names. The storm comes last.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(Integer.MAX_VALUE - 2)
class IsolationTest {

    /// Found in an answer, it says that the attack succeeded, in clear or as a Secret's data has it.
    private static final String TREASURE = "doubloons-in-the-cellar";

    private static final String HIDDEN = Base64.getEncoder().encodeToString(TREASURE.getBytes(StandardCharsets.UTF_8));

    private static final int STORM = 200;
    private static final int CALM = 5;
    private static final Duration SOON = Duration.ofMinutes(3);

    private final Installation insula = new Installation();
    private Kubectl mallory = new Kubectl(insula.home(), insula.home());
    private Kubectl victim = mallory;
    private Kubectl host = mallory;
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    @BeforeAll
    void start() throws IOException {
        insula.insula("up").ok();
        victim = insula.tenant("victim", "runc");
        mallory = insula.tenant("mallory", "runc");
        host = insula.host();
        victim.ok("create secret generic treasure --from-literal=gold=" + TREASURE);
        new ObjectMapper()
                .readTree(insula.home().resolve("state.json").toFile())
                .path("ports")
                .properties()
                .forEach(e -> ports.put(e.getKey(), e.getValue().asInt()));
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    /// The attacks below would work with the right certificate, or they would prove nothing.
    @Test
    void findsTheTreasureWithTheVictimsOwnCertificates() {
        RawTls user = tls(pki("victim").issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofHours(1)));
        assertThat(user.send(port("tenant/victim/api"), "", "GET /api/v1/secrets HTTP/1.1", ""))
                .contains(" 200 ", HIDDEN);
        assertThat(etcdRange(tls(pki("victim").etcdClient()), port("tenant/victim/etcd")))
                .contains(" 200 ")
                .satisfies(answer -> assertThat(decoded(answer)).contains(TREASURE));
    }

    @Test
    void opensNoPortWithCredentialsOfAnotherTenant() {
        for (var attacker : foreignClients().entrySet()) {
            for (var target : ports.entrySet()) {
                if (target.getKey().startsWith("tenant/mallory/")) {
                    continue;
                }
                String where = attacker.getKey() + " at " + target.getKey();
                int port = target.getValue();
                String read = attacker.getValue().send(port, "", "GET /api/v1/secrets HTTP/1.1", "");
                assertThat(read).as(where).doesNotContain(TREASURE, HIDDEN, "\"items\"");
                assertThat(read).as(where).containsAnyOf("refused: ", " 401 ", " 403 ", " 400 ", " 404 ");
                assertThat(etcdRange(attacker.getValue(), port))
                        .as(where)
                        .satisfies(answer -> assertThat(decoded(answer)).doesNotContain(TREASURE))
                        .containsAnyOf("refused: ", " 401 ", " 403 ", " 400 ", " 404 ");
                assertThat(attacker.getValue()
                                .send(
                                        port,
                                        "",
                                        "POST /v1/tenants/victim/kubeconfig HTTP/1.1",
                                        "{}",
                                        "Content-Type: application/json"))
                        .as(where)
                        .doesNotContain("client-key-data", " 200 ", " 201 ");
            }
        }
        assertThat(victim.ok("get secret treasure -o jsonpath={.data.gold}")).isEqualTo(HIDDEN);
    }

    @Test
    void takesNoTokenOfAnotherTenant() {
        mallory.ok("create clusterrolebinding all --clusterrole=cluster-admin --serviceaccount=default:default");
        String token = mallory.ok("create token default").strip();
        String[] bearer = {"Authorization: Bearer " + token};
        RawTls anonymous = RawTls.anonymous();
        String request = "GET /api/v1/secrets HTTP/1.1";
        assertThat(anonymous.send(port("tenant/mallory/api"), "", request, "", bearer))
                .contains(" 200 ");
        for (String other : List.of("tenant/victim/api", "host/api")) {
            assertThat(anonymous.send(port(other), "", request, "", bearer)).contains(" 401 ");
            assertThat(anonymous.send(port(other), "", request, "")).containsAnyOf(" 401 ", " 403 ");
        }
    }

    /// Neither the name in the TLS handshake, nor the Host header, nor headers of trusted proxies choose the
    /// tenant.
    @Test
    void choosesTheTenantByThePortAloneWhateverNameIsSaid() {
        RawTls own = tls(pki("mallory").issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofHours(1)));
        for (String name : List.of("victim", "victim.localhost", "insula-victim", "kubernetes.default.svc", "host")) {
            assertThat(own.send(port("tenant/mallory/api"), name, "GET /api/v1/secrets HTTP/1.1", ""))
                    .as(name)
                    .contains(" 200 ")
                    .doesNotContain(HIDDEN);
            assertThat(own.send(port("tenant/victim/api"), name, "GET /api/v1/secrets HTTP/1.1", ""))
                    .as(name)
                    .doesNotContain(" 200 ", HIDDEN);
        }
        assertThat(own.send(
                        port("tenant/victim/api"),
                        "",
                        "GET /api/v1/secrets HTTP/1.1",
                        "",
                        "X-Remote-User: admin",
                        "X-Remote-Group: system:masters",
                        "Impersonate-User: admin",
                        "Impersonate-Group: system:masters"))
                .doesNotContain(" 200 ", HIDDEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/namespaces/default/../../../../victim/api/v1/secrets",
                "/api/v1/namespaces/%2e%2e/%2e%2e/registry/secrets",
                "/api/v1/namespaces/..%2f..%2fvictim/secrets/treasure",
                "/api/v1/namespaces/default%2f..%2f..%2fvictim/secrets",
                "/api/v1/namespaces/default/secrets/..%2f..%2f..%2ftreasure",
                "/api/v1/namespaces/insula-victim/secrets/treasure",
                "//api/v1/namespaces//default/secrets",
                "/api/v1/secrets/../../../../../../../etc/passwd",
                "/api/v1/namespaces/default/secrets/%00treasure",
                "/api/v1/namespaces/default/secrets?fieldSelector=metadata.namespace=insula-victim",
                "/apis/../api/v1/secrets;tenant=victim",
                "http://127.0.0.1/victim/api/v1/secrets",
                "/api/v1/nodes/bare-metal-0/proxy/runningpods",
                "/v1/tenants/victim/kubeconfig",
                "/tenants/victim/api/v1/secrets"
            })
    void reachesNothingByGamesWithThePath(String path) {
        RawTls own = tls(pki("mallory").issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofHours(1)));
        for (String method : List.of("GET", "PUT", "DELETE")) {
            String answer = own.send(port("tenant/mallory/api"), "", method + " " + path + " HTTP/1.1", "{}");
            assertThat(answer)
                    .as(method)
                    .doesNotContain(HIDDEN, TREASURE, "root:")
                    .matches(text -> text.startsWith("HTTP/1.1 2")
                            || text.startsWith("HTTP/1.1 4")
                            || text.contains("error dialing backend"));
        }
        assertThat(victim.ok("get secret treasure -o jsonpath={.data.gold}")).isEqualTo(HIDDEN);
    }

    static Stream<Arguments> impossibleNames() {
        return Stream.of("..", "a/../b", "a%2fb", "../../insula-victim/x", "a\nb")
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("impossibleNames")
    void storesNothingUnderANameThatIsAPath(String name) {
        Run run = mallory.runWith(
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":"
                        + new com.fasterxml.jackson.databind.node.TextNode(name) + "}}",
                "create",
                "--validate=false",
                "-f",
                "-");
        assertThat(run.failed()).containsAnyOf("Invalid", "invalid");
    }

    @Test
    void keepsTheTrailOfAllFromTenants() {
        Map<String, Object> right = KafkaProcess.clientSettings(
                KafkaProcess.store(insula.home().resolve("kafka"), Clock.systemUTC(), KeySafe.PLAIN));
        KeyAndCertificate user = pki("mallory").issueUser("insula", List.of(), Duration.ofHours(1));
        var wrong = new HashMap<>(right);
        wrong.put("ssl.keystore.key", user.keyPem());
        wrong.put("ssl.keystore.certificate.chain", user.certificatePem());
        assertThatThrownBy(() -> describe(wrong)).hasRootCauseInstanceOf(javax.net.ssl.SSLException.class);
        var none = new HashMap<>(right);
        none.keySet().removeIf(key -> key.startsWith("ssl.keystore"));
        assertThatThrownBy(() -> describe(none))
                .satisfies(e -> assertThat(e.getCause()).isInstanceOf(SslAuthenticationException.class));
        assertThatThrownBy(() -> describe(Map.of())).isInstanceOf(ExecutionException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"hostNetwork\": true",
                "\"hostPID\": true",
                "\"volumes\": [{\"name\": \"h\", \"hostPath\": {\"path\": \"/\"}}]",
                "\"nodeName\": \"bare-metal-0\", \"hostIPC\": true",
                "\"runtimeClassName\": \"no-such-runtime\""
            })
    void refusesPodsThatReachForTheHost(String field) {
        Run run = mallory.runWith("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "escape"},
                 "spec": {%s, "containers": [{"name": "c", "image": "i"}]}}
                """.formatted(field), "create", "-f", "-");
        assertThat(run.failed()).containsAnyOf("forbidden", "Forbidden", "Invalid", "invalid", "not found");
        assertThat(host.ok("get pods -A -o yaml")).doesNotContain("escape");
    }

    @Test
    void keepsForgedMarksAwayFromTheHost() {
        mallory.apply("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: forged
                  labels: {insula.io/tenant: victim}
                  annotations: {insula.io/tenant: victim, insula.io/namespace: default, insula.io/name: x}
                spec:
                  containers: [{name: c, image: i}]
                """);
        mallory.ok("wait --for=condition=Ready pod/forged --timeout=60s");
        assertThat(host.ok("get pods -n insula-victim -o name")).isBlank();
        assertThat(host.ok("get pods -A -l insula.io/tenant=victim -o name")).isBlank();
        assertThat(victim.ok("get pods -A -o name")).doesNotContain("forged");
        mallory.ok("delete pod forged --now");
    }

    /// What makes tenants and profiles on the host is only a resource like any other in a tenant.
    @Test
    void makesNoTenantsProfilesOrNamespacesOnTheHost() throws Exception {
        String before = host.ok("get tenants,isolationprofiles,namespaces,runtimeclasses,nodes -o name");
        host.ok("get crd tenants.tenancy.insula.io -o name");
        for (String definition : List.of("tenants", "isolationprofiles")) {
            String path = "/deploy/crds/" + definition + ".yaml";
            try (var manifest = ClusterPki.class.getResourceAsStream(path)) {
                assertThat(manifest).as(path).isNotNull();
                mallory.apply(new String(manifest.readAllBytes(), StandardCharsets.UTF_8));
            }
            mallory.ok("wait --for=condition=Established crd/" + definition + ".tenancy.insula.io --timeout=30s");
        }
        mallory.apply("""
                apiVersion: tenancy.insula.io/v1alpha1
                kind: Tenant
                metadata: {name: evil}
                spec: {isolationProfile: runc}
                ---
                apiVersion: v1
                kind: Namespace
                metadata: {name: insula-victim, labels: {insula.io/tenant: victim}}
                ---
                apiVersion: node.k8s.io/v1
                kind: RuntimeClass
                metadata: {name: mine}
                handler: runc
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: neighbour, namespace: insula-victim}
                spec:
                  containers:
                  - name: c
                    image: i
                    envFrom: [{secretRef: {name: treasure, optional: true}}]
                """);
        mallory.ok("wait -n insula-victim --for=condition=Ready pod/neighbour --timeout=60s");
        assertThat(host.ok("get tenants,isolationprofiles,namespaces,runtimeclasses,nodes -o name"))
                .isEqualTo(before);
        assertThat(host.ok("get pods -n insula-victim -o name")).isBlank();
        assertThat(host.ok("get pods,secrets -n insula-mallory -o yaml")).doesNotContain(HIDDEN);
        mallory.ok("delete namespace insula-victim --timeout=60s");
    }

    @Test
    void asksForNoAddressOfAnother() {
        victim.ok("create service clusterip shop --tcp=80");
        Installation.await(
                "the victim's service has an address",
                Duration.ofSeconds(60),
                () -> !victim.ok("get service shop -o jsonpath={.spec.clusterIP}")
                        .isBlank());
        String address = victim.ok("get service shop -o jsonpath={.spec.clusterIP}");
        assertThat(mallory.run("create", "service", "clusterip", "thief", "--clusterip=" + address, "--tcp=80")
                        .failed())
                .contains("spec.clusterIP");
    }

    /// Invariant 6. Who asks for little is served before who asks for much has got it all, however long the
    /// queue was: told by the order in which the host made the pods, not by time.
    @Test
    @Order(Integer.MAX_VALUE)
    void keepsAStormToItself() {
        List<String> made = Collections.synchronizedList(new ArrayList<>());
        try (var hostClient = Installation.client(host);
                var calm = Installation.client(victim);
                var _ = hostClient.pods().inAnyNamespace().watch(recorder(made))) {
            mallory.ok("create deployment storm --image=nginx --replicas=" + STORM);
            Installation.await("the storm is on", SOON, () -> count(made, "insula-mallory") >= STORM / 10);
            for (int i = 0; i < CALM; i++) {
                calm.resource(new PodBuilder()
                                .withNewMetadata()
                                .withName("calm-" + i)
                                .withNamespace("default")
                                .endMetadata()
                                .withNewSpec()
                                .addNewContainer()
                                .withName("c")
                                .withImage("i")
                                .endContainer()
                                .endSpec()
                                .build())
                        .create();
            }
            Installation.await("the other tenant's pods are there", SOON, () -> count(made, "insula-victim") == CALM);
            Installation.await("the storm has got it all", SOON, () -> count(made, "insula-mallory") >= STORM);
            List<String> order = List.copyOf(made);
            long behind = order.subList(order.lastIndexOf("insula-victim"), order.size()).stream()
                    .filter("insula-mallory"::equals)
                    .count();
            assertThat(behind)
                    .as("pods of the storm made after the last calm one")
                    .isGreaterThan(STORM / 4);
            victim.ok("wait --for=condition=Ready pod/calm-0 --timeout=120s");
        }
    }

    private static long count(List<String> made, String namespace) {
        synchronized (made) {
            return made.stream().filter(namespace::equals).count();
        }
    }

    /// Notes the namespace of each new pod.
    private static Watcher<Pod> recorder(List<String> made) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                if (action == Action.ADDED) {
                    made.add(pod.getMetadata().getNamespace());
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                made.add("watch ended: " + cause);
            }
        };
    }

    private Map<String, RawTls> foreignClients() {
        ClusterPki own = pki("mallory");
        var forged = CertificateAuthority.create("insula victim", Clock.systemUTC())
                .issue(CertificateSpec.client("admin", List.of(ClusterPki.MASTERS), Duration.ofHours(1)));
        return Map.of(
                "nobody",
                RawTls.anonymous(),
                "mallory's administrator",
                tls(own.issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofHours(1))),
                "mallory as superuser",
                tls(own.issueUser("superuser", List.of("insula:superusers", ClusterPki.MASTERS), Duration.ofHours(1))),
                "mallory's API server towards etcd",
                tls(own.etcdClient()),
                "mallory's etcd",
                tls(own.etcdPeer()),
                "an authority that calls itself the victim's",
                tls(forged));
    }

    private ClusterPki pki(String tenant) {
        Path folder = insula.home().resolve("tenants").resolve(tenant).resolve("pki");
        return ClusterPki.open(folder, tenant, List.of(), Clock.systemUTC());
    }

    private int port(String purpose) {
        return Objects.requireNonNull(ports.get(purpose), purpose);
    }

    private static RawTls tls(KeyAndCertificate own) {
        return RawTls.with(own.key(), own.certificate());
    }

    /// Reads the treasure by etcd's own JSON gateway. Source: etcd documentation, "gRPC gateway".
    private static String etcdRange(RawTls client, int port) {
        String key = Base64.getEncoder()
                .encodeToString("/registry/secrets/default/treasure".getBytes(StandardCharsets.UTF_8));
        return client.send(
                port, "", "POST /v3/kv/range HTTP/1.1", "{\"key\":\"" + key + "\"}", "Content-Type: application/json");
    }

    /// The gateway's values are base64, and a Secret's data within them once more.
    private static String decoded(String answer) {
        int begin = answer.indexOf("\"value\":\"");
        if (begin < 0) {
            return answer;
        }
        String value = answer.substring(begin + 9, answer.indexOf('"', begin + 9));
        String object = new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
        return object.replace(HIDDEN, TREASURE);
    }

    private void describe(Map<String, Object> settings) throws Exception {
        var all = new HashMap<>(settings);
        all.put("bootstrap.servers", "127.0.0.1:" + port("kafka"));
        all.put("default.api.timeout.ms", 10_000);
        all.put("request.timeout.ms", 8_000);
        try (var admin = Admin.create(all)) {
            var _ = admin.describeCluster().nodes().get(15, TimeUnit.SECONDS);
        }
    }
}
