package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditEventSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// The path of the README: two tenants, two sandboxes, one shared cluster. The last test kills the service,
/// so the order is fixed; each test makes what it needs.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WholePathTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    private static final String APP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {greeting: hello}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: token}
            stringData: {token: s3cr3t}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    image: nginx:1.29
                    ports: [{containerPort: 80}]
                    resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 100m, memory: 64Mi}}
                    envFrom: [{configMapRef: {name: settings}}]
                    env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: token}}}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: web}
              ports: [{port: 80}]
            """;

    private final Installation insula = new Installation();
    private Kubectl acme = new Kubectl(insula.home(), insula.home());
    private Kubectl globex = acme;
    private Kubectl host = acme;

    @BeforeAll
    void start() {
        insula.insula("up").ok();
        acme = insula.tenant("acme", "kata");
        globex = insula.tenant("globex", "runc");
        host = insula.host();
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    @Test
    @Order(1)
    void runsADeploymentInTheSandboxOfTheProfile() {
        acme.apply(APP);
        acme.ok("rollout status deployment/web --timeout=90s");
        globex.apply(APP);
        globex.ok("rollout status deployment/web --timeout=90s");
        assertThat(host.ok("get pods -n insula-acme -o jsonpath={.items[*].spec.runtimeClassName}"))
                .isEqualTo("kata kata");
        assertThat(host.ok("get pods -n insula-globex -o jsonpath={.items[*].spec.runtimeClassName}"))
                .doesNotContain("kata");
        assertThat(host.ok("get pods -n insula-acme -o jsonpath={.items[*].status.phase}"))
                .isEqualTo("Running Running");
    }

    @Test
    @Order(2)
    void behavesAsAnyClusterForKubectl() {
        assertThat(acme.ok("get ns,pods -A")).contains("namespace/default", "pod/web-", "Running");
        assertThat(acme.ok("get deployment web -o wide")).contains("2/2", "nginx:1.29");
        assertThat(acme.ok("describe deployment web")).contains("NewReplicaSetAvailable", "ScalingReplicaSet");
        assertThat(acme.ok("explain deployment.spec")).contains("FIELDS", "replicas", "Number of desired pods");
        assertThat(acme.ok("api-resources")).contains("deployments", "apps/v1", "customresourcedefinitions");
        assertThat(acme.ok("auth can-i --list")).contains("*.*");
        assertThat(acme.ok("auth can-i create pods")).contains("yes");
        acme.ok("scale deployment web --replicas=3");
        acme.ok("rollout status deployment/web --timeout=90s");
        assertThat(watchedDuring(() -> acme.ok("scale deployment web --replicas=4")))
                .contains("ContainerCreating", "Running");
        acme.ok("scale deployment web --replicas=3");
        acme.ok("rollout restart deployment/web");
        acme.ok("rollout status deployment/web --timeout=90s");
        acme.ok("rollout undo deployment/web");
        acme.ok("rollout status deployment/web --timeout=90s");
        assertThat(acme.ok("rollout history deployment/web")).contains("REVISION", "3");
        assertThat(acme.ok("describe pods -l app=web")).contains("Node:", "Status:", "Events:");
        assertThat(acme.ok("describe service web")).contains("Selector:", "app=web", "Endpoints:");
        assertThat(acme.ok("get events")).contains("ScalingReplicaSet");
        acme.run("patch", "deployment", "web", "-p", "{\"metadata\":{\"labels\":{\"edited\":\"yes\"}}}")
                .ok();
        acme.run(
                        "patch",
                        "deployment",
                        "web",
                        "--type=json",
                        "-p",
                        "[{\"op\":\"remove\",\"path\":\"/metadata/labels\"}]")
                .ok();
        assertThat(acme.ok("get deployment web -o jsonpath={.spec.replicas}{.metadata.labels}"))
                .isEqualTo("3");
        assertThat(acme.apply(APP)).contains("deployment.apps/web configured", "configmap/settings unchanged");
        assertThat(acme.run("get", "pods", "nope").failed())
                .contains("Error from server (NotFound): pods \"nope\" not found");
    }

    /// What `kubectl get pods -w` prints while something happens, until a pod more than now is running.
    private String watchedDuring(Runnable happening) {
        try (Kubectl.Running watch = acme.start("get", "pods", "-w", "--output-watch-events")) {
            Installation.await(
                    "the watch has begun", SOON, () -> watch.out().lines().count() >= 4);
            int before = watch.out().length();
            happening.run();
            Installation.await(
                    "a new pod is seen running",
                    SOON,
                    () -> watch.out().substring(before).contains("Running"));
            return watch.out().substring(before);
        }
    }

    @Test
    @Order(3)
    void showsTheHostsServiceAddressAndNodes() {
        String address = acme.ok("get service web -o jsonpath={.spec.clusterIP}");
        assertThat(address).isNotEmpty();
        assertThat(host.ok("get services -n insula-acme -o jsonpath={.items[*].spec.clusterIP}"))
                .contains(address);
        Installation.await(
                "the tenant sees its nodes",
                SOON,
                () -> !acme.ok("get nodes -o name").isBlank());
        String node = acme.ok("get pods -o jsonpath={.items[0].spec.nodeName}");
        assertThat(acme.ok("get nodes -o name")).contains(node);
        Installation.await(
                "the service has endpoints",
                SOON,
                () -> acme.ok(
                                        "get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].endpoints[*].addresses[*]}")
                                .split(" ", -1)
                                .length
                        >= 2);
    }

    @Test
    @Order(4)
    void bringsOnlyReferencedObjectsToTheHost() {
        acme.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: unnamed}
                stringData: {a: b}
                """);
        // The fence: named later, and there.
        acme.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: fence}
                stringData: {a: b}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: fence}
                spec:
                  containers:
                  - name: c
                    image: nginx
                    env: [{name: A, valueFrom: {secretKeyRef: {name: fence, key: a}}}]
                """);
        acme.ok("wait pod/fence --for=condition=Ready --timeout=90s");
        assertThat(secretsOnTheHost()).contains("token", "fence").doesNotContain("unnamed");

        acme.ok("delete pod fence --timeout=60s");
        Installation.await(
                "what is named no more is gone", SOON, () -> !secretsOnTheHost().contains("fence"));
        assertThat(secretsOnTheHost()).contains("token").doesNotContain("unnamed");
        acme.ok("delete secret unnamed fence");
    }

    /// The tenant's names for them.
    private List<String> secretsOnTheHost() {
        String names =
                host.ok("get secrets -n insula-acme -o jsonpath={.items[*].metadata.annotations.insula\\.io/name}");
        return List.of(names.split(" ", -1));
    }

    @Test
    @Order(5)
    void tellsOfEverythingInTheAuditTrail() {
        Installation.await(
                "kafka has the deployment's creation",
                SOON,
                () -> insula.insula("audit", "tail", "--tenant", "acme", "-o", "json")
                        .ok()
                        .contains("\"deployments\""));
        String events =
                insula.insula("audit", "tail", "--tenant", "acme", "-o", "json").ok();
        assertThat(events).contains("\"audit.k8s.io/v1\"", "ResponseComplete");
        assertThat(events.lines()).noneMatch(line -> line.contains("\"globex\""));
        insula.insula("tenant", "kubeconfig", "acme", "--user", "jane").ok();
        Installation.await(
                "kafka has the kubeconfig's issue",
                SOON,
                () -> insula.insula("audit", "tail", "--tenant", "acme", "-n", "1000", "-o", "json")
                        .ok()
                        .contains("\"insula.io/kubeconfig-user\":\"jane\""));
        takesEveryEventIntoUpstreamsTypes();
    }

    /// The API server's, the admin API's and the syncer's.
    private void takesEveryEventIntoUpstreamsTypes() {
        var users = new HashSet<String>();
        insula.insula("audit", "tail", "-n", "5000", "-o", "json").ok().lines().forEach(line -> {
            JsonNode event = Json.parse(line.getBytes(StandardCharsets.UTF_8));
            assertThat(AuditEventSchema.violations(event)).as(line).isEmpty();
            users.add(event.path("user").path("username").asText());
        });
        assertThat(users).contains("admin", "superuser", "system:insula:syncer");
    }

    @Test
    @Order(6)
    void losesNothingWhenTheServiceIsKilled() {
        String before = acme.ok("get deployments,pods,services,configmaps,secrets -o name");
        acme.ok("create configmap last --from-literal=acknowledged=yes");
        String podsBefore = pods();
        Process making = begin("create", "initech", "--profile", "runc");
        Installation.await("initech is being made", SOON, () -> hasTenant("initech"));
        insula.killService();
        endOf(making);
        insula.insula("up").ok();
        assertThat(acme.ok("get configmap last -o jsonpath={.data.acknowledged}"))
                .isEqualTo("yes");
        acme.ok("delete configmap last");
        acme.ok("create configmap very-last --from-literal=acknowledged=yes");
        Installation.await(
                "initech, whose making was cut short, is ready",
                SOON,
                () -> host.ok("get tenant initech -o jsonpath={.status.conditions[?(@.type=='Ready')].status}")
                        .equals("True"));
        Process removing = begin("delete", "initech");
        Installation.await(
                "initech is being removed",
                SOON,
                () -> !host.run("get", "tenant", "initech", "-o", "jsonpath={.metadata.deletionTimestamp}")
                                .out()
                                .isBlank()
                        || !hasTenant("initech"));
        insula.killEverything();
        endOf(removing);
        insula.insula("up").ok();
        assertThat(acme.ok("get configmap very-last -o jsonpath={.data.acknowledged}"))
                .isEqualTo("yes");
        acme.ok("delete configmap very-last");
        Installation.await(
                "nothing of initech is left, whose removal was cut short",
                SOON,
                () -> !hasTenant("initech")
                        && insula.processes("initech").isEmpty()
                        && host.run("get", "namespace", "insula-initech").code() != 0
                        && !Files.exists(insula.home().resolve("tenants/initech")));
        assertThat(pods()).isEqualTo(podsBefore);
        Installation.await(
                "the same objects are there",
                SOON,
                () -> acme.ok("get deployments,pods,services,configmaps,secrets -o name")
                        .equals(before));
        acme.ok("rollout status deployment/web --timeout=60s");
    }

    private Process begin(String... words) {
        var command = new ArrayList<>(List.of("tenant"));
        command.addAll(List.of(words));
        return insula.start(insula.home().resolve("it-begun.log"), command.toArray(String[]::new));
    }

    /// How it ends, with its service gone, is nobody's promise.
    private static void endOf(Process command) {
        command.destroyForcibly().onExit().join();
    }

    private boolean hasTenant(String name) {
        return host.run("get", "tenant", name).code() == 0;
    }

    /// The same pods, seen from both sides: not others that took their place.
    private String pods() {
        String all = "get pods -n %s --sort-by=.metadata.name -o jsonpath={.items[*]['metadata.uid','status.phase']}";
        return acme.ok(all.formatted("default")) + host.ok(all.formatted("insula-acme"));
    }

    /// Invariant 4: a store that is lost and begins empty looks as if everything had been deleted.
    @Test
    @Order(7)
    void deletesNothingOnTheHostBecauseATenantLostItsStore() throws IOException {
        String before = host.ok("get pods,services,configmaps,secrets -n insula-globex -o name");
        assertThat(before).contains("pod/web-");
        insula.insula("down").ok();
        Path store = insula.home().resolve("tenants/globex/etcd/data");
        Path away = insula.home().resolve("globex-store");
        Files.move(store, away);
        // Without this note the lost store is an error; with it gone, the syncer is the last line of defence.
        Files.delete(store.resolveSibling("begun"));
        insula.insula("up").ok();
        globex.ok("create configmap new --from-literal=a=b");
        // The fence: the syncer has gone through what the host has of globex, and has carried out something later.
        globex.ok("create deployment fence --image=nginx");
        globex.ok("rollout status deployment/fence --timeout=120s");
        Installation.await(
                "the tenant's condition says that its deletes are held",
                SOON,
                () -> host.ok("get tenant globex -o json").contains("not the cluster that was first attached"));
        assertThat(host.ok("get pods,services,configmaps,secrets -n insula-globex -o name"))
                .contains(before.lines().toList());
        globex.ok("delete deployment fence --timeout=60s");
        Installation.await(
                "the fence is gone",
                SOON,
                () -> !host.ok("get pods -n insula-globex -o name").contains("fence"));
        insula.insula("down").ok();
        io.insula.controlplane.home.AtomicFiles.deleteTree(store);
        Files.move(away, store);
        insula.insula("up").ok();
        globex.ok("rollout status deployment/web --timeout=60s");
        Installation.await(
                "the host has what it had",
                SOON,
                () -> host.ok("get pods,services,configmaps,secrets -n insula-globex -o name")
                        .equals(before));
    }

    @Test
    @Order(8)
    void endsPodsOnTheHostWithTheirDeployment() {
        acme.ok("delete deployment,service web --timeout=60s");
        Installation.await(
                "no pod of acme is left on the host",
                SOON,
                () -> host.ok("get pods -n insula-acme -o name").isBlank());
    }

    @Test
    @Order(9)
    void removesEverythingOfATenant() {
        insula.insula("tenant", "delete", "globex").ok();
        Installation.await(
                "the host namespace is gone",
                SOON,
                () -> host.run("get", "namespace", "insula-globex").code() != 0);
        assertThat(insula.insula("tenant", "list").ok()).contains("acme").doesNotContain("globex");
        assertThat(insula.processes("globex")).isEmpty();
    }
}
