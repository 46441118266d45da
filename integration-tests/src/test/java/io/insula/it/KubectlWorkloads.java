package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The part of a [KubectlSession] in which things run: scaling, rollouts, watches, events and what kubectl generates.
///
/// @param minor of the release: 22 is 1.22
record KubectlWorkloads(Kubectl kubectl, int minor) {

    private static final String STATEFUL = """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              serviceName: db
              replicas: 1
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec: {containers: [{name: db, image: postgres}]}
            """;

    void run() {
        scales();
        rollsOut();
        tellsEvents();
        watches();
        rollsOutStatefulSets();
        generates();
        orphans();
    }

    private void scales() {
        assertThat(kubectl.ok("rollout status deployment/web --timeout=120s")).contains("successfully rolled out");
        assertThat(kubectl.ok("wait --for=condition=Available deployment/web --timeout=60s"))
                .isEqualTo("deployment.apps/web condition met\n");
        assertThat(kubectl.ok("scale deployment web --replicas=3 --current-replicas=2"))
                .isEqualTo("deployment.apps/web scaled\n");
        assertThat(kubectl.run("scale", "deployment", "web", "--replicas=1", "--current-replicas=7")
                        .failed())
                .contains("Expected replicas to be 7, was 3");
        assertThat(kubectl.run("wait", "--for=condition=Progressing=False", "deployment/web", "--timeout=1s")
                        .failed())
                .contains("timed out waiting for the condition");
    }

    private void rollsOut() {
        assertThat(kubectl.ok("rollout restart deployment/web")).isEqualTo("deployment.apps/web restarted\n");
        assertThat(kubectl.ok("rollout status deployment/web --timeout=120s")).contains("successfully rolled out");
        assertThat(kubectl.ok("rollout history deployment/web"))
                .containsPattern("REVISION +CHANGE-CAUSE\n(\\d+ +<none>\n){3,}");
        assertThat(kubectl.ok("rollout history deployment/web --revision=2")).contains("nginx:1.29");
        assertThat(kubectl.ok("rollout undo deployment/web --to-revision=2"))
                .isEqualTo("deployment.apps/web rolled back\n");
        assertThat(kubectl.ok("rollout pause deployment/web")).isEqualTo("deployment.apps/web paused\n");
        assertThat(kubectl.run("rollout", "undo", "deployment/web").failed()).contains("paused");
        assertThat(kubectl.ok("rollout resume deployment/web")).isEqualTo("deployment.apps/web resumed\n");
        assertThat(kubectl.ok("rollout status deployment/web --timeout=120s")).contains("successfully rolled out");
        JsonNode web = kubectl.json("get deployment web");
        assertThat(web.at("/spec/template/spec/containers/0/image").asText()).isEqualTo("nginx:1.29");
        assertThat(web.at("/status/readyReplicas").asInt()).isEqualTo(3);
        Installation.await(
                "only the pods of the old revision are left",
                KubectlSession.PATIENCE,
                () -> kubectl.ok("get pods -l app=web -o jsonpath={.items[*].status.phase}")
                        .equals("Running Running Running"));
        assertThat(kubectl.ok("get pods -l app=web -o wide"))
                .containsPattern("NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES")
                .containsPattern("web-\\S+ +1/1 +Running +0 +\\S+ +\\d+\\.\\S+ +\\S+ +<none> +<none>");
    }

    /// `kubectl events` came with 1.26 (and as `alpha events` with 1.23).
    private void tellsEvents() {
        assertThat(kubectl.ok("get events --field-selector=involvedObject.name=web --sort-by=.lastTimestamp"))
                .containsPattern("LAST SEEN +TYPE +REASON +OBJECT +MESSAGE")
                .containsPattern("Normal +ScalingReplicaSet +deployment/web +Scaled up replica set web-");
        assertThat(kubectl.ok("describe deployment web")).containsPattern("Normal +ScalingReplicaSet ");
        if (minor >= 26) {
            assertThat(kubectl.ok("events --for deployment/web"))
                    .containsPattern("Normal +ScalingReplicaSet +(\\(x\\d+ over \\S+\\) +)?Deployment/web +Scaled up");
            assertThat(kubectl.ok("events --types=Normal -A")).contains("Deployment/web", "ScalingReplicaSet");
        }
    }

    private void watches() {
        try (var watch = kubectl.start("get", "pods", "-w", "--output-watch-events");
                var wide = kubectl.start("get", "pods", "-w", "-o", "wide");
                var deleted = kubectl.start("wait", "--for=delete", "pod/solo", "--timeout=60s")) {
            Installation.await(
                    "both watches have begun",
                    KubectlSession.PATIENCE,
                    () -> watch.out().contains(" web-") && wide.out().contains("web-"));
            assertThat(kubectl.ok("run solo --image=nginx")).isEqualTo("pod/solo created\n");
            Installation.await(
                    "the watch shows solo running",
                    KubectlSession.PATIENCE,
                    () -> watch.out().lines().anyMatch(line -> line.matches("MODIFIED +solo +1/1 +Running +0 .*")));
            Installation.await(
                    "so does the wide one",
                    KubectlSession.PATIENCE,
                    () -> wide.out()
                            .lines()
                            .anyMatch(line -> line.matches("solo +1/1 +Running +0 +\\S+ +\\d+\\.\\S+ .*")));
            assertThat(watch.out()
                            .lines()
                            .filter(line -> line.contains(" solo "))
                            .findFirst())
                    .hasValueSatisfying(line -> assertThat(line).startsWith("ADDED"));
            assertThat(kubectl.ok("wait --for=condition=Ready pod/solo --timeout=60s"))
                    .isEqualTo("pod/solo condition met\n");
            assertThat(kubectl.ok("delete pod solo --timeout=60s")).contains("pod \"solo\" deleted");
            Installation.await(
                    "the watch shows solo deleted",
                    KubectlSession.PATIENCE,
                    () -> watch.out().lines().anyMatch(line -> line.matches("DELETED +solo .*")));
            assertThat(deleted.exitCode(KubectlSession.PATIENCE)).isZero();
        }
    }

    private void rollsOutStatefulSets() {
        assertThat(kubectl.apply(STATEFUL)).isEqualTo("statefulset.apps/db created\n");
        assertThat(kubectl.ok("rollout status statefulset/db --timeout=60s")).contains("roll out complete: 1 new pods");
        kubectl.apply(STATEFUL.replace("postgres", "postgres:18"));
        assertThat(kubectl.ok("rollout status statefulset/db --timeout=60s")).contains("roll out complete: 1 new pods");
        assertThat(kubectl.ok("get pod db-0 -o jsonpath={.spec.containers[0].image}"))
                .isEqualTo("postgres:18");
        assertThat(kubectl.ok("rollout history statefulset/db")).containsPattern("REVISION.*\n1 .*\n2 ");
        assertThat(kubectl.ok("rollout undo statefulset/db")).isEqualTo("statefulset.apps/db rolled back\n");
        assertThat(kubectl.ok("get statefulset db -o jsonpath={.spec.template.spec.containers[0].image}"))
                .isEqualTo("postgres");
        assertThat(kubectl.ok("scale statefulset db --replicas=0")).isEqualTo("statefulset.apps/db scaled\n");
    }

    private void generates() {
        String namespace = kubectl.ok("config view --minify -o jsonpath={..namespace}");
        assertThat(kubectl.run("create", "cronjob", "often", "--image=busybox", "--schedule=*/5 * * * *", "--", "true")
                        .ok())
                .isEqualTo("cronjob.batch/often created\n");
        for (String words : List.of(
                "secret generic token --from-literal=a=b",
                "serviceaccount robot",
                "role reader --verb=get,list --resource=pods",
                "rolebinding reader --role=reader --serviceaccount=" + namespace + ":robot",
                "quota small --hard=configmaps=50",
                "job once --image=busybox -- true",
                "job manual --from=cronjob/often",
                "poddisruptionbudget web --selector=app=web --min-available=1",
                "ingress web --rule=web.example/*=web:80",
                "service nodeport ported --tcp=80")) {
            assertThat(kubectl.ok("create " + words)).as(words).endsWith(" created\n");
        }
        assertThat(kubectl.ok("autoscale deployment web --min=1 --max=4")).endsWith("web autoscaled\n");
        assertThat(kubectl.ok("expose deployment web --name=again --port=81")).isEqualTo("service/again exposed\n");
        assertGenerated(namespace);
        assertThat(kubectl.ok("get all,ingress,pdb,hpa,quota,sa,role,rolebinding,secret"))
                .contains("service/again", "job.batch/manual", "cronjob.batch/often", "web.example");
        assertThat(kubectl.ok("describe ingress,pdb,hpa,quota,sa,role,rolebinding,secret,job,cronjob"))
                .contains("web.example", "Min available:", "Deployment/web", "configmaps");
        assertThat(kubectl.ok("wait --for=condition=complete job/once --timeout=60s"))
                .isEqualTo("job.batch/once condition met\n");
        if (minor >= 24) {
            assertThat(kubectl.ok("create token robot").split("\\.", -1)).hasSize(3);
        }
    }

    private void assertGenerated(String namespace) {
        Map<String, String> wanted = Map.ofEntries(
                Map.entry("Secret token /data/a", "Yg=="),
                Map.entry("ServiceAccount robot /metadata/namespace", namespace),
                Map.entry("Role reader /rules/0/verbs", "[\"get\",\"list\"]"),
                Map.entry("RoleBinding reader /subjects/0/namespace", namespace),
                Map.entry("ResourceQuota small /status/hard/configmaps", "50"),
                Map.entry("Job once /spec/template/spec/containers/0/command", "[\"true\"]"),
                Map.entry("Job manual /metadata/ownerReferences/0/name", "often"),
                Map.entry("CronJob often /spec/schedule", "*/5 * * * *"),
                Map.entry("PodDisruptionBudget web /spec/minAvailable", "1"),
                Map.entry("Ingress web /spec/rules/0/host", "web.example"),
                Map.entry("Service ported /spec/type", "NodePort"),
                Map.entry("HorizontalPodAutoscaler web /spec/maxReplicas", "4"),
                Map.entry("Service again /spec/ports/0/port", "81"),
                Map.entry("Service again /spec/selector/app", "web"));
        var found = new HashMap<String, JsonNode>();
        kubectl.json("get secret,sa,role,rolebinding,quota,job,cronjob,pdb,ingress,service,hpa")
                .path("items")
                .forEach(item -> found.put(
                        item.path("kind").asText() + " "
                                + item.at("/metadata/name").asText(),
                        item));
        wanted.forEach((where, value) -> {
            int slash = where.indexOf(" /");
            JsonNode field =
                    found.getOrDefault(where.substring(0, slash), Json.object()).at(where.substring(slash + 1));
            assertThat(field.isContainerNode() ? field.toString() : field.asText())
                    .as(where)
                    .isEqualTo(value);
        });
    }

    private void orphans() {
        assertThat(kubectl.ok("create deployment parent --image=nginx")).isEqualTo("deployment.apps/parent created\n");
        assertThat(kubectl.ok("rollout status deployment/parent --timeout=60s")).contains("successfully rolled out");
        assertThat(kubectl.ok("delete deployment parent --cascade=orphan")).contains("deleted");
        assertThat(kubectl.ok("get rs -l app=parent -o name")).contains("replicaset.apps/parent");
        assertThat(kubectl.ok("get rs -l app=parent -o jsonpath={.items[*].metadata.ownerReferences}"))
                .isEmpty();
        assertThat(kubectl.ok("delete rs -l app=parent --cascade=foreground --timeout=60s"))
                .contains("deleted");
        assertThat(kubectl.ok("get pods -l app=parent -o name")).isEmpty();
    }
}
