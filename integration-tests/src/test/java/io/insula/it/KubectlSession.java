package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/// What somebody does at a terminal with one release of kubectl, in a namespace of their own, without special flags:
/// writing, comparing, editing, patching and reading. [KubectlWorkloads], [KubectlAccess] and [KubectlCustomResources]
/// go on.
///
/// @param minor of the release: 22 is 1.22
record KubectlSession(Kubectl kubectl, int minor) {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    static final String APP = """
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

    private static final String MAP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: shared}
            data: {owner: %s}
            """;

    void run() {
        createsAndApplies();
        appliesOnTheServer();
        refusesUnknownFields();
        edits();
        patches();
        changesByCommands();
        reads();
        discovers();
        explains();
        new KubectlCustomResources(kubectl, minor).run();
        new KubectlWorkloads(kubectl, minor).run();
        new KubectlAccess(kubectl, minor).run();
        clearsUp();
    }

    private void createsAndApplies() {
        assertThat(kubectl.runWith(MAP.formatted("nobody"), "create", "-f", "-").ok())
                .isEqualTo("configmap/shared created\n");
        assertThat(kubectl.runWith(MAP.formatted("nobody"), "create", "-f", "-").failed())
                .contains("(AlreadyExists)", "configmaps \"shared\" already exists");
        assertThat(kubectl.ok("delete configmap shared")).contains("configmap \"shared\" deleted");
        assertThat(kubectl.apply(APP))
                .contains("configmap/settings created", "deployment.apps/web created", "service/web created");
        assertThat(kubectl.apply(APP))
                .contains("configmap/settings unchanged", "deployment.apps/web unchanged", "service/web unchanged");
        Run same = kubectl.runWith(APP, "diff", "-f", "-");
        assertThat(same.code()).as(same.err()).isZero();
        assertThat(same.out()).isEmpty();
        String changed = APP.replace("hello", "bye");
        Run diff = kubectl.runWith(changed, "diff", "-f", "-");
        assertThat(diff.code()).as(diff.err()).isEqualTo(1);
        assertThat(diff.out())
                .contains("-  greeting: hello", "+  greeting: bye")
                .doesNotContain("replicas");
        assertThat(kubectl.runWith(changed, "apply", "--dry-run=server", "-f", "-")
                        .ok())
                .contains("configmap/settings configured (server dry run)");
        assertThat(field("configmap/settings", ".data.greeting")).isEqualTo("hello");
        assertThat(kubectl.apply(changed)).contains("configmap/settings configured", "deployment.apps/web unchanged");
        assertThat(field("configmap/settings", ".data.greeting")).isEqualTo("bye");
        assertThat(kubectl.ok("apply view-last-applied configmap/settings")).contains("greeting: bye");
        String without = changed.replace("        envFrom: [{configMapRef: {name: settings}}]\n", "");
        assertThat(kubectl.apply(without)).contains("deployment.apps/web configured");
        assertThat(field("deployment/web", ".spec.template.spec.containers[0].envFrom"))
                .isEmpty();
        assertThat(kubectl.apply(changed)).contains("deployment.apps/web configured");
        assertThat(field("deployment/web", ".spec.template.spec.containers[0].envFrom[0].configMapRef.name"))
                .isEqualTo("settings");
        // of a Deployment kubectl might replace what its controller changes at that moment, and be refused
        String[] parts = changed.split("---\n", -1);
        assertThat(kubectl.runWith(parts[0].replace("bye", "instead") + "---\n" + parts[2], "replace", "-f", "-")
                        .ok())
                .isEqualTo("configmap/settings replaced\nservice/web replaced\n");
        assertThat(field("configmap/settings", ".data.greeting")).isEqualTo("instead");
    }

    private void appliesOnTheServer() {
        String one = MAP.formatted("one");
        String two = MAP.formatted("two");
        assertThat(kubectl.runWith(one, "apply", "--server-side", "-f", "-").ok())
                .isEqualTo("configmap/shared serverside-applied\n");
        Run same = kubectl.runWith(one, "diff", "--server-side", "-f", "-");
        assertThat(same.code()).as(same.err()).isZero();
        Run diff = kubectl.runWith(two, "diff", "--server-side", "-f", "-");
        assertThat(diff.code()).as(diff.err()).isEqualTo(1);
        assertThat(diff.out()).contains("-  owner: one", "+  owner: two");
        String[] asOther = {"apply", "--server-side", "--field-manager=other", "-f", "-"};
        assertThat(kubectl.runWith(two, asOther).failed())
                .contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.owner");
        assertThat(field("configmap/shared", ".data.owner")).isEqualTo("one");
        kubectl.runWith(two, "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-")
                .ok();
        JsonNode forced = json("configmap/shared");
        assertThat(forced.at("/data/owner").asText()).isEqualTo("two");
        kubectl.runWith(one.replace("data: {owner: one}", "data: {}"), asOther).ok();
        assertThat(json("configmap/shared").path("data").has("owner")).isFalse();
    }

    /// Releases before 1.25 check by themselves, against OpenAPI v2; later ones ask the server.
    private void refusesUnknownFields() {
        String wrong = APP.replace("  replicas: 2", "  replicas: 2\n  nonsense: 3");
        assertThat(kubectl.runWith(wrong, "apply", "-f", "-").failed()).contains("unknown field", "nonsense");
        assertThat(kubectl.runWith(wrong, "apply", "--validate=false", "-f", "-")
                        .ok())
                .contains("deployment.apps/web");
        assertThat(field("deployment/web", ".spec.nonsense")).isEmpty();
        String ill = APP.replace("replicas: 2", "replicas: many");
        assertThat(kubectl.runWith(ill, "apply", "-f", "-").failed()).contains("replicas");
        assertThat(field("deployment/web", ".spec.replicas")).isEqualTo("2");
        kubectl.apply(APP.replace("hello", "bye"));
    }

    private void edits() {
        assertThat(kubectl.edit("sed -i s/bye/edited/", "configmap", "settings").ok())
                .contains("configmap/settings edited");
        assertThat(field("configmap/settings", ".data.greeting")).isEqualTo("edited");
        // with a format, edit answers the object
        assertThat(kubectl.edit("sed -i s/edited/again/", "configmap/settings", "-o", "json")
                        .ok())
                .contains("\"greeting\": \"again\"");
        assertThat(field("configmap/settings", ".data.greeting")).isEqualTo("again");
        Run unchanged = kubectl.edit("true", "configmap", "settings");
        assertThat(unchanged.ok() + unchanged.err()).contains("no changes made");
        Run refused = kubectl.edit("sed -i s/replicas:.*/replicas:\\ -1/", "deployment", "web");
        assertThat(refused.failed())
                .contains("deployments.apps \"web\" is invalid", "Edit cancelled, no valid changes were saved");
        assertThat(field("deployment/web", ".spec.replicas")).isEqualTo("2");
    }

    private void patches() {
        String strategic = "{\"spec\":{\"template\":{\"spec\":{\"containers\":"
                + "[{\"name\":\"web\",\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}]}}}}";
        assertThat(kubectl.run("patch", "deployment", "web", "-p", strategic).ok())
                .isEqualTo("deployment.apps/web patched\n");
        JsonNode containers = json("deployment/web").at("/spec/template/spec/containers");
        assertThat(containers).hasSize(1);
        assertThat(containers.at("/0/image").asText()).isEqualTo("nginx:1.29");
        assertThat(containers.at("/0/env/0/name").asText()).isEqualTo("A");
        String merge = "{\"data\":{\"greeting\":null,\"x\":\"y\"}}";
        assertThat(kubectl.run("patch", "configmap", "settings", "--type=merge", "-p", merge)
                        .ok())
                .isEqualTo("configmap/settings patched\n");
        assertThat(json("configmap/settings").path("data").toString()).isEqualTo("{\"x\":\"y\"}");
        String json = "[{\"op\":\"test\",\"path\":\"/data/x\",\"value\":\"y\"},"
                + "{\"op\":\"add\",\"path\":\"/data/greeting\",\"value\":\"hello\"}]";
        assertThat(kubectl.run("patch", "configmap", "settings", "--type=json", "-p", json)
                        .ok())
                .isEqualTo("configmap/settings patched\n");
        assertThat(field("configmap/settings", ".data.greeting")).isEqualTo("hello");
        assertThat(kubectl.run("patch", "configmap", "settings", "--type=json", "-p", json.replace("\"y\"", "\"z\""))
                        .failed())
                .contains("The request is invalid");
        assertThat(kubectl.run("patch", "configmap", "settings", "--type=merge", "-p", "{\"data\":{\"x\":\"y\"}}")
                        .ok())
                .isEqualTo("configmap/settings patched (no change)\n");
    }

    private void changesByCommands() {
        assertThat(kubectl.ok("label configmap settings tier=web")).contains("configmap/settings labeled");
        assertThat(kubectl.run("label", "configmap", "settings", "tier=db").failed())
                .contains("overwrite");
        assertThat(kubectl.ok("annotate configmap settings note=yes")).contains("configmap/settings annotated");
        assertThat(json("configmap/settings").path("metadata").toString())
                .contains("\"tier\":\"web\"", "\"note\":\"yes\"");
        assertThat(kubectl.ok("set image deployment/web web=nginx:1.30")).contains("image updated");
        assertThat(kubectl.ok("set env deployment/web B=2")).contains("env updated");
        assertThat(kubectl.ok("set resources deployment web --limits=cpu=200m,memory=128Mi"))
                .contains("resource requirements updated");
        JsonNode container = json("deployment/web").at("/spec/template/spec/containers/0");
        assertThat(container.path("image").asText()).isEqualTo("nginx:1.30");
        assertThat(container.path("env").findValuesAsText("name")).containsExactly("A", "B");
        assertThat(container.at("/resources/limits/cpu").asText()).isEqualTo("200m");
    }

    private void reads() {
        assertThat(kubectl.ok("version")).contains("Server Version", "1.34");
        assertThat(kubectl.ok("cluster-info")).contains("is running at");
        assertThat(kubectl.ok("get deployments -o wide"))
                .containsPattern("NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR")
                .containsPattern("web +./2 .* web +nginx:1.30 +app=web");
        assertThat(kubectl.ok("get services,configmaps -o wide"))
                .containsPattern("service/web +ClusterIP +\\S+ +<none> +80/TCP +\\S+ +app=web")
                .containsPattern("configmap/settings +2 ");
        assertThat(kubectl.ok("get deployment web -o yaml"))
                .contains("kind: Deployment", "apiVersion: apps/v1", "nginx:1.30");
        assertThat(kubectl.ok("get services -o custom-columns=N:.metadata.name,P:.spec.ports[0].port"))
                .containsPattern("N +P\nweb +80\n");
        assertThat(kubectl.ok("get configmaps -l tier=web -o name")).isEqualTo("configmap/settings\n");
        assertThat(kubectl.ok("get configmaps --field-selector=metadata.name=shared -o name"))
                .isEqualTo("configmap/shared\n");
        assertThat(kubectl.ok("get configmaps --chunk-size=1 --sort-by=.metadata.name -o name"))
                .isEqualTo("configmap/kube-root-ca.crt\nconfigmap/settings\nconfigmap/shared\n");
        assertThat(kubectl.ok("get configmaps -A -L tier")).contains("NAMESPACE", "TIER", "kube-system");
        assertThat(kubectl.ok("describe deployment web"))
                .containsPattern("StrategyType: +RollingUpdate")
                .contains("Image:", "nginx:1.30");
        assertThat(kubectl.ok("describe configmap settings")).contains("greeting:");
        assertThat(kubectl.ok("get componentstatuses"))
                .containsPattern("controller-manager +Healthy +ok")
                .containsPattern("scheduler +Healthy +ok")
                .containsPattern("etcd-0 +Healthy +ok");
        assertThat(kubectl.run("get", "configmap", "nope").failed())
                .isEqualTo("Error from server (NotFound): configmaps \"nope\" not found\n");
        if (minor >= 24) {
            assertThat(kubectl.ok("get deployment web --subresource=status -o wide"))
                    .contains("nginx:1.30");
            assertThat(kubectl.ok("get deployment web --subresource=scale"))
                    .containsPattern("NAME +DESIRED +AVAILABLE +AGE\nweb +2 ");
        }
    }

    private void discovers() {
        assertThat(kubectl.ok("api-resources -o wide"))
                .containsPattern("deployments +deploy +apps/v1 +true +Deployment +\\[?create");
        assertThat(kubectl.ok("api-resources --namespaced=false -o name"))
                .contains("namespaces", "clusterroles.rbac.authorization.k8s.io")
                .doesNotContain("deployments");
        assertThat(kubectl.ok("api-resources --api-group=batch --verbs=watch -o name"))
                .isEqualTo("cronjobs.batch\njobs.batch\n");
        assertThat(kubectl.ok("api-versions").lines()).contains("apps/v1", "batch/v1", "v1");
        assertThat(kubectl.ok("get --raw /livez")).isEqualTo("ok");
        assertThat(kubectl.run("get", "frobs").failed()).contains("the server doesn't have a resource type \"frobs\"");
    }

    private void explains() {
        assertThat(kubectl.ok("explain deployment.spec.strategy"))
                .contains("rollingUpdate", "Recreate", "DeploymentStrategy");
        assertThat(kubectl.ok("explain pods --recursive")).contains("containers", "nodeSelector", "imagePullPolicy");
        assertThat(kubectl.ok("explain horizontalpodautoscalers --api-version=autoscaling/v2"))
                .contains("autoscaling", "HorizontalPodAutoscaler");
        assertThat(kubectl.run("explain", "pods.spec.nonsense").failed()).contains("does not exist");
        if (minor >= 27) {
            assertThat(kubectl.ok("explain pods.spec --output=plaintext-openapiv2"))
                    .contains("restartPolicy");
        }
    }

    private void clearsUp() {
        assertThat(kubectl.ok("delete deployment,statefulset,service,configmap,job,cronjob,hpa --all --timeout=120s"))
                .contains("deployment.apps \"web\" deleted", "job.batch \"once\" deleted");
        assertThat(kubectl.ok("get deployments,jobs,services -o name")).isBlank();
        String namespace = kubectl.ok("config view --minify -o jsonpath={..namespace}");
        assertThat(kubectl.ok("delete namespace " + namespace + " --timeout=120s"))
                .contains("deleted");
        assertThat(kubectl.run("get", "namespace", namespace).failed()).contains("(NotFound)");
    }

    private String field(String object, String path) {
        return kubectl.ok("get " + object + " -o jsonpath={" + path + "}");
    }

    private JsonNode json(String object) {
        return kubectl.json("get " + object);
    }
}
