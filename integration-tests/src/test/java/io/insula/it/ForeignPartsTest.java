package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.admin.AdminPki;
import io.insula.controlplane.home.Home;
import io.insula.it.backend.Backend;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// Insula among parts of others: a host cluster it did not make, a Kafka that is there already, a network, and
/// a service manager. The host cluster is a tenant of another Insula, which is a cluster like any other.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(Integer.MAX_VALUE - 4)
class ForeignPartsTest {

    private static final Duration SOON = Duration.ofMinutes(2);
    private static final Pattern SERVER = Pattern.compile("server: \"?(https://[^\"\\s]+)");

    private final Backend kafka = Backend.kafka();
    private final Installation provider = new Installation();
    private final Installation insula = new Installation();
    private Kubectl land = new Kubectl(insula.home(), insula.home());
    private @Nullable Process foreground;

    @BeforeAll
    void start() throws Exception {
        provider.insula("up", "--listen", "0.0.0.0", "--kafka-bootstrap", kafka.endpoint())
                .ok();
        land = provider.tenant("land", "runc");
        Path credential = insula.home().resolve("control-plane.kubeconfig");
        Files.writeString(
                credential,
                provider.insula("tenant", "kubeconfig", "land", "--user", "insula-control-plane")
                        .ok());
        foreground = insula.start(
                log(),
                "up",
                "--foreground",
                "--host-kubeconfig",
                credential.toString(),
                "--kafka-bootstrap",
                kafka.endpoint());
        // it says what its credential lacks, and goes on by itself once it has it
        Installation.await("the service names its missing rights", SOON, () -> {
            Run status = insula.insula("status");
            return (status.out() + status.err()).contains("update, watch namespaces");
        });
        assertThat(land.run("get", "crd", "tenants.tenancy.insula.io").failed())
                .as("nothing was written")
                .contains("NotFound");
        land.ok("apply -f ../deploy/rbac/control-plane.yaml");
        Installation.await(
                "the service in the foreground is ready",
                SOON,
                () -> insula.insula("status").code() == 0);
    }

    @AfterAll
    void stop() {
        // Also where the start failed.
        if (foreground != null) {
            foreground.destroy();
        }
        insula.close();
        provider.close();
        kafka.close();
    }

    @Test
    @Order(1)
    void runsTenantsOnSomebodyElsesCluster() {
        Kubectl inner = insula.tenant("inner", "runc");
        inner.ok("create deployment web --image=nginx:1.29 --replicas=2");
        inner.ok("rollout status deployment/web --timeout=120s");
        assertThat(land.ok("get pods -n insula-inner -o jsonpath={.items[*].status.phase}"))
                .isEqualTo("Running Running");
        assertThat(land.ok("get tenants.tenancy.insula.io -o name")).contains("inner");
        assertThat(inner.ok("logs deployment/web"))
                .as("its control plane may read them")
                .isNotNull();
        inner.ok("delete deployment web --timeout=60s");
        Installation.await(
                "no pod is left there",
                SOON,
                () -> land.ok("get pods -n insula-inner -o name").isBlank());
        insula.insula("tenant", "delete", "inner").ok();
        assertThat(land.run("get", "namespace", "insula-inner").failed()).contains("NotFound");
    }

    @Test
    @Order(2)
    void tellsWhichProfilesThatClusterCanServe() {
        Installation.await(
                "told",
                SOON,
                () -> insula.insula("profile", "list")
                        .ok()
                        .contains("no: the shared cluster has no RuntimeClass \"gvisor\": install the sandbox there"));
        assertThat(insula.insula("profile", "list").ok()).containsPattern("runc +runc +baseline +hard +[1-9]\\d* +yes");
        assertThat(land.ok(
                        "get isolationprofiles.tenancy.insula.io kubevirt -o jsonpath={.status.conditions[0].reason}"))
                .isEqualTo("SandboxMissing");
    }

    @Test
    @Order(2)
    void bringsTheTrailToAGivenKafka() {
        var topic = new AuditTopic(Map.of("bootstrap.servers", kafka.endpoint()));
        Installation.await(
                "both installations' events are in the topic",
                SOON,
                () -> topic.created("land", "namespaces").contains("insula-inner")
                        && topic.created("inner", "deployments").contains("web"));
        assertThat(insula.insula("audit", "tail", "--tenant", "inner").ok()).contains("default/web");
        assertThat(insula.processes("kafka.Kafka")).isEmpty();
        assertThat(provider.processes("kafka.Kafka")).isEmpty();
    }

    @Test
    @Order(3)
    void isReachedFromElsewhereUnderANameThatItsCertificatesHave() throws Exception {
        String server = server(land);
        assertThat(server).doesNotContain("0.0.0.0", "127.0.0.1");
        assertThat(server(provider.host())).doesNotContain("0.0.0.0", "127.0.0.1");
        assertThat(land.ok("get --raw /version")).contains("gitVersion");
        assertThat(provider.host().ok("get --raw /version")).contains("gitVersion");
        String local = "https://127.0.0.1:" + URI.create(server).getPort();
        assertThat(land.run("--server=" + local, "get", "--raw", "/readyz").ok())
                .contains("ok");
        String admin = provider.insula("up").ok().lines().findFirst().orElseThrow();
        assertThat(admin).contains("up already").doesNotContain("127.0.0.1");
        assertThat(adminStatus(admin.substring(admin.indexOf("https://")))).isEqualTo(200);
    }

    @Test
    @Order(4)
    void keepsToLoopbackOtherwise() throws Exception {
        String elsewhere = URI.create(server(land)).getHost();
        int port = URI.create(server(insula.tenant("private", "runc"))).getPort();
        assertThat(connects(elsewhere, port)).isFalse();
        assertThat(connects("127.0.0.1", port)).isTrue();
    }

    @Test
    @Order(5)
    void endsWithZeroWhenTheServiceManagerAsks() throws Exception {
        Process manager = Objects.requireNonNull(foreground);
        manager.destroy();
        assertThat(manager.waitFor(90, TimeUnit.SECONDS)).isTrue();
        assertThat(manager.exitValue()).isZero();
        assertThat(insula.processes("ServiceMain")).isEmpty();
        assertThat(insula.processes("etcd")).isEmpty();
        assertThat(Files.readString(log())).contains("service is ready", "service stopped");
        assertThat(insula.insula("status").failed()).contains("nothing runs");
    }

    private Path log() {
        return insula.home().resolve("foreground.log");
    }

    private static String server(Kubectl kubectl) throws Exception {
        var matcher = SERVER.matcher(Files.readString(kubectl.kubeconfig()));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private int adminStatus(String endpoint) throws Exception {
        try (var http = HttpClient.newBuilder()
                .sslContext(AdminPki.superuserTls(new Home(provider.home()), Clock.systemUTC()))
                .build()) {
            var request = HttpRequest.newBuilder(URI.create(endpoint + "/v1/status"))
                    .timeout(SOON)
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    private static boolean connects(String host, int port) {
        try (var _ = new java.net.Socket(host, port)) {
            return true;
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
