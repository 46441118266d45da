package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of many releases against one tenant, all without special flags. Each works in a namespace of its own.
/// kubectl before 1.29 and Helm before 3.10 are missing: they read OpenAPI v2 as protobuf alone.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyClientsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final String APP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {greeting: hello}
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
                    envFrom: [{configMapRef: {name: settings}}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: web}
              ports: [{port: 80}]
            """;

    private final Installation insula = new Installation();
    private Kubectl current = new Kubectl(insula.home(), insula.home());

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    void start() {
        insula.insula("up").ok();
        current = insula.tenant("clients", "runc");
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.32", "1.35"})
    void servesKubectl(String release) throws IOException {
        Kubectl kubectl = inNamespace(current.release(release), "kubectl-" + release.replace('.', '-'));
        createsAndApplies(kubectl);
        editsAndPatches(kubectl);
        readsAndExplains(kubectl, release);
        scalesAndRollsOut(kubectl);
        generates(kubectl, release);
        asksForRights(kubectl);
        kubectl.ok("delete deployment,service,configmap,job,cronjob --all --timeout=120s");
        assertThat(kubectl.ok("get deployments,jobs -o name")).isBlank();
    }

    private static void createsAndApplies(Kubectl kubectl) {
        assertThat(kubectl.apply(APP))
                .contains("configmap/settings created", "deployment.apps/web created", "service/web created");
        assertThat(kubectl.apply(APP))
                .contains("configmap/settings unchanged", "deployment.apps/web unchanged", "service/web unchanged");
        assertThat(kubectl.runWith(APP, "diff", "-f", "-").code()).isZero();
        Run diff = kubectl.runWith(APP.replace("hello", "bye"), "diff", "-f", "-");
        assertThat(diff.code()).as(diff.err()).isEqualTo(1);
        assertThat(diff.out())
                .contains("-  greeting: hello", "+  greeting: bye")
                .doesNotContain("replicas");
        assertThat(kubectl.apply(APP.replace("hello", "bye")))
                .contains("configmap/settings configured", "deployment.apps/web unchanged");
        assertThat(kubectl.runWith(APP, "create", "-f", "-").failed()).contains("AlreadyExists");
        appliesOnTheServer(kubectl);
    }

    private static void appliesOnTheServer(Kubectl kubectl) {
        String map = """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: shared}
                data: {owner: %s}
                """;
        assertThat(kubectl.runWith(map.formatted("one"), "apply", "--server-side", "-f", "-")
                        .ok())
                .contains("serverside-applied");
        Run conflict =
                kubectl.runWith(map.formatted("two"), "apply", "--server-side", "--field-manager=other", "-f", "-");
        assertThat(conflict.failed()).contains("conflict", ".data.owner", "\"kubectl\"");
        kubectl.runWith(
                        map.formatted("two"),
                        "apply",
                        "--server-side",
                        "--field-manager=other",
                        "--force-conflicts",
                        "-f",
                        "-")
                .ok();
        assertThat(kubectl.ok("get configmap shared -o jsonpath={.data.owner}")).isEqualTo("two");
    }

    private static void editsAndPatches(Kubectl kubectl) {
        assertThat(kubectl.edit("sed -i s/bye/edited/", "configmap", "settings").ok())
                .contains("configmap/settings edited");
        assertThat(kubectl.ok("get configmap settings -o jsonpath={.data.greeting}"))
                .isEqualTo("edited");
        kubectl.run(
                        "patch",
                        "deployment",
                        "web",
                        "-p",
                        "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}]}}}}")
                .ok();
        assertThat(kubectl.ok("get deployment web -o jsonpath={.spec.template.spec.containers[*].image}"))
                .isEqualTo("nginx:1.29");
        kubectl.run(
                        "patch",
                        "configmap",
                        "settings",
                        "--type=merge",
                        "-p",
                        "{\"data\":{\"greeting\":null,\"x\":\"y\"}}")
                .ok();
        kubectl.run(
                        "patch",
                        "configmap",
                        "settings",
                        "--type=json",
                        "-p",
                        "[{\"op\":\"add\",\"path\":\"/data/greeting\",\"value\":\"hello\"}]")
                .ok();
        assertThat(kubectl.ok("get configmap settings -o jsonpath={.data.greeting}{.data.x}"))
                .isEqualTo("helloy");
        assertThat(kubectl.ok("label configmap settings tier=web")).contains("labeled");
        assertThat(kubectl.ok("annotate configmap settings note=yes")).contains("annotated");
        assertThat(kubectl.ok("set image deployment/web web=nginx:1.30")).contains("image updated");
        assertThat(kubectl.ok("get configmaps -l tier=web -o name").strip()).isEqualTo("configmap/settings");
        assertThat(kubectl.ok("get configmaps --field-selector=metadata.name=shared -o name")
                        .strip())
                .isEqualTo("configmap/shared");
    }

    private static void readsAndExplains(Kubectl kubectl, String release) {
        assertThat(kubectl.ok("version")).contains("Server Version", "1.34");
        assertThat(kubectl.ok("cluster-info")).contains("is running at");
        assertThat(kubectl.ok("get deployments -o wide")).contains("READY", "CONTAINERS", "IMAGES", "nginx:1.30");
        assertThat(kubectl.ok("get deployment web -o yaml")).contains("kind: Deployment", "apiVersion: apps/v1");
        assertThat(kubectl.ok("get services -o custom-columns=N:.metadata.name"))
                .contains("web");
        assertThat(kubectl.ok("describe deployment web")).contains("StrategyType:", "RollingUpdate");
        assertThat(kubectl.ok("describe configmap settings")).contains("greeting:");
        assertThat(kubectl.ok("explain deployment.spec.strategy")).contains("rollingUpdate", "Recreate");
        assertThat(kubectl.ok("explain pods --recursive")).contains("containers", "nodeSelector");
        assertThat(kubectl.ok("api-resources")).contains("deployments", "apps/v1", "true", "Deployment");
        assertThat(kubectl.ok("api-resources --namespaced=false -o name")).contains("namespaces", "clusterroles");
        assertThat(kubectl.ok("api-versions")).contains("apps/v1", "batch/v1", "v1");
        assertThat(kubectl.ok("get events")).contains("ScalingReplicaSet");
        if (!release.equals("1.22")) {
            assertThat(kubectl.ok("events")).contains("ScalingReplicaSet");
        }
        assertThat(kubectl.ok("get --raw /livez")).isEqualTo("ok");
        assertThat(kubectl.run("get", "frobs").failed()).contains("the server doesn't have a resource type");
    }

    private static void scalesAndRollsOut(Kubectl kubectl) {
        kubectl.ok("rollout status deployment/web --timeout=120s");
        kubectl.ok("wait --for=condition=Available deployment/web --timeout=60s");
        assertThat(kubectl.ok("scale deployment web --replicas=3 --current-replicas=2"))
                .contains("scaled");
        kubectl.ok("rollout restart deployment/web");
        kubectl.ok("rollout status deployment/web --timeout=120s");
        assertThat(kubectl.ok("rollout history deployment/web")).contains("REVISION");
        kubectl.ok("rollout undo deployment/web");
        kubectl.ok("rollout status deployment/web --timeout=120s");
        assertThat(kubectl.ok("get pods -l app=web -o jsonpath={.items[*].status.phase}"))
                .contains("Running Running Running");
    }

    private static void generates(Kubectl kubectl, String release) {
        kubectl.ok("create secret generic token --from-literal=a=b");
        kubectl.ok("create serviceaccount robot");
        kubectl.ok("create role reader --verb=get,list --resource=pods");
        kubectl.ok("create rolebinding reader --role=reader --serviceaccount=default:robot");
        kubectl.ok("create quota small --hard=configmaps=50");
        kubectl.ok("create job once --image=busybox -- true");
        kubectl.run("create", "cronjob", "often", "--image=busybox", "--schedule=*/5 * * * *", "--", "true")
                .ok();
        kubectl.ok("create poddisruptionbudget web --selector=app=web --min-available=1");
        kubectl.ok("create ingress web --rule=web.example/*=web:80");
        kubectl.ok("autoscale deployment web --min=1 --max=4");
        kubectl.ok("expose deployment web --name=again --port=81");
        if (!release.equals("1.22")) {
            assertThat(kubectl.ok("create token robot").split("\\.", -1)).hasSize(3);
        }
        assertThat(kubectl.ok("get all,ingress,pdb,hpa,quota,sa,role,rolebinding,secret"))
                .contains("service/again", "job.batch/once", "cronjob.batch/often", "web.example");
    }

    private static void asksForRights(Kubectl kubectl) {
        assertThat(kubectl.ok("auth can-i create deployments")).contains("yes");
        assertThat(kubectl.ok("auth can-i --list")).contains("*.*");
        assertThat(kubectl.run("auth", "can-i", "get", "pods", "--as=jane").out())
                .contains("no");
        assertThat(kubectl.run("get", "pods", "--as=jane").failed())
                .contains("Forbidden", "User \"jane\" cannot list resource \"pods\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.28", "1.35"})
    void servesTheHelmBesideThatKubectl(String release) throws IOException {
        String namespace = "helm-beside-" + release.replace('.', '-');
        Path chart = chart(release);
        Helm helm = new Helm(ClientTools.helmBeside(release), namespace, folder.resolve(namespace));
        helm.ok("install", "demo", chart.toString(), "--create-namespace", "--wait", "--timeout", "180s");
        assertThat(helm.ok("list")).contains("demo", "deployed");
        assertThat(helm.ok("status", "demo")).contains("STATUS: deployed");
        assertThat(greeting(namespace)).isEqualTo("hello");
        helm.ok("upgrade", "demo", chart.toString(), "--set", "greeting=bye", "--wait", "--timeout", "180s");
        assertThat(greeting(namespace)).isEqualTo("bye");
        helm.ok("rollback", "demo", "1", "--wait", "--timeout", "180s");
        assertThat(greeting(namespace)).isEqualTo("hello");
        assertThat(helm.ok("history", "demo")).contains("superseded", "Rollback to 1");
        assertThat(helm.ok("get", "manifest", "demo")).contains("kind: Widget");
        assertThat(current.ok("get " + widgets(release) + " -n " + namespace + " -o name"))
                .contains("/one");
        helm.ok("uninstall", "demo", "--wait", "--timeout", "180s");
        assertThat(current.ok("get deployments,configmaps," + widgets(release) + " -n " + namespace + " -o name"))
                .doesNotContain("settings", "/one", "/web");
        assertThat(current.ok("get crd -o name")).contains(widgets(release));
    }

    private String greeting(String namespace) {
        return current.ok("get configmap settings -n " + namespace + " -o jsonpath={.data.greeting}");
    }

    /// Definitions are the cluster's: each chart brings its own.
    private static String widgets(String release) {
        return "widgets.r" + release.replace(".", "") + ".example.com";
    }

    private Path chart(String release) throws IOException {
        Path chart = folder.resolve("chart-" + release);
        String group = widgets(release).substring("widgets.".length());
        var files = Map.of(
                "Chart.yaml",
                "apiVersion: v2\nname: demo\nversion: 0.1.0\n",
                "values.yaml",
                "greeting: hello\n",
                "crds/widgets.yaml",
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: widgets.GROUP}
                spec:
                  group: GROUP
                  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
                  scope: Namespaced
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                          spec: {type: object, properties: {size: {type: integer, minimum: 1}}}
                """.replace("GROUP", group),
                "templates/app.yaml",
                APP.replace("greeting: hello", "greeting: \"{{ .Values.greeting }}\""),
                "templates/widget.yaml",
                "apiVersion: " + group + "/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n");
        for (var file : files.entrySet()) {
            Path path = chart.resolve(file.getKey());
            Files.createDirectories(path.resolveSibling(""));
            Files.writeString(path, file.getValue());
        }
        return chart;
    }

    @Test
    void servesTheClientOfNode() throws IOException {
        Path modules = ClientTools.node("@kubernetes/client-node@1.4.0");
        Path script = modules.resolve("client-node.mjs");
        try (var source = ManyClientsTest.class.getResourceAsStream("/clients/client-node.mjs")) {
            assertThat(source).isNotNull();
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
        }
        String steps = Run.of(
                        List.of("node", script.toString(), current.kubeconfig().toString()), "", PATIENCE)
                .ok();
        assertThat(steps)
                .contains(
                        "informer tells of a new object",
                        "merge patch",
                        "server-side apply",
                        "a watch shows both pods running",
                        "done");
    }

    /// A copy of the kubeconfig whose context has a namespace, made by that kubectl itself.
    private Kubectl inNamespace(Kubectl kubectl, String namespace) throws IOException {
        Path own = Files.copy(
                kubectl.kubeconfig(), folder.resolve(namespace + ".kubeconfig"), StandardCopyOption.REPLACE_EXISTING);
        var changed = new Kubectl(kubectl.binary(), own);
        changed.ok("create namespace " + namespace);
        changed.ok("config set-context --current --namespace=" + namespace);
        return changed;
    }

    private final class Helm {

        private final Path binary;
        private final String namespace;
        private final Path home;

        Helm(Path binary, String namespace, Path home) {
            this.binary = binary;
            this.namespace = namespace;
            this.home = home;
        }

        String ok(String... words) {
            var command = new ArrayList<>(List.of(
                    "/usr/bin/env",
                    "HELM_CACHE_HOME=" + home,
                    "HELM_CONFIG_HOME=" + home,
                    "HELM_DATA_HOME=" + home,
                    binary.toString(),
                    "--kubeconfig=" + current.kubeconfig(),
                    "--namespace=" + namespace));
            command.addAll(List.of(words));
            return Run.of(command, "", PATIENCE).ok();
        }
    }
}
