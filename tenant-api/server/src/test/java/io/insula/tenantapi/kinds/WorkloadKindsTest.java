package io.insula.tenantapi.kinds;

import static io.insula.tenantapi.fake.FakeObjectClient.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Defaults, findings and immutability of pods and what makes them.
final class WorkloadKindsTest {

    private static final String POD = "containers: [{name: a, image: nginx}]";
    private static final String TEMPLATE = "template: {metadata: {labels: {a: b}}, spec: {" + POD + "}}";

    @Test
    void fillsAPodAsUpstreamDoes() {
        var pod = new Writes("v1", "Pod").prepared("{metadata: {name: p, namespace: d}, spec: {" + POD + "}}");
        assertThat(pod.path("spec")).isEqualTo(yaml("""
                                containers:
                                - name: a
                                  image: nginx
                                  imagePullPolicy: Always
                                  terminationMessagePath: /dev/termination-log
                                  terminationMessagePolicy: File
                                  resources: {}
                                restartPolicy: Always
                                dnsPolicy: ClusterFirst
                                schedulerName: default-scheduler
                                terminationGracePeriodSeconds: 30
                                securityContext: {}
                                enableServiceLinks: true
                                """));
        assertThat(pod.path("status")).isEqualTo(yaml("{phase: Pending, qosClass: BestEffort}"));
    }

    record Pull(String image, String policy) {}

    static List<Pull> pulls() {
        return List.of(
                new Pull("nginx", "Always"),
                new Pull("nginx:latest", "Always"),
                new Pull("nginx:1.2", "IfNotPresent"),
                new Pull("registry:5000/nginx", "Always"),
                new Pull("registry:5000/nginx:1", "IfNotPresent"),
                new Pull("nginx@sha256:00", "IfNotPresent"));
    }

    @ParameterizedTest
    @MethodSource("pulls")
    void pullsByTag(Pull given) {
        assertThat(PodTemplates.pullPolicy(given.image())).isEqualTo(given.policy());
    }

    @Test
    void letsNothingButImagesChangeInAPod() {
        var pods = new Writes("v1", "Pod");
        String before = "{metadata: {name: p, namespace: d}, spec: {" + POD + "}}";
        assertThat(pods.updateErrors(
                        before.replace("nginx", "nginx:2").replace("image", "imagePullPolicy: Always, image"), before))
                .isEmpty();
        assertThat(pods.updateErrors(before.replace("spec: {", "spec: {hostname: h, "), before))
                .singleElement()
                .asString()
                .startsWith("spec: Forbidden: pod updates may not change fields other than"
                        + " `spec.containers[*].image`");
    }

    record Case(String name, String apiVersion, String kind, String spec, String finding) {}

    /// A part of a volume that is mounted, which leads out of it.
    private static Case path(String mount, String finding) {
        return new Case(
                mount,
                "v1",
                "Pod",
                "{volumes: [{name: v}], containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v, "
                        + mount.substring(1) + "]}]}",
                "spec.containers[0].volumeMounts[0]." + finding);
    }

    /// A file of a volume that would lie outside.
    private static Case file(String source, String finding) {
        return new Case(
                source,
                "v1",
                "Pod",
                "{volumes: [{name: v, " + source + "}], containers: [{name: a, image: i}]}",
                "spec.volumes[0]." + finding);
    }

    static List<Case> invalid() {
        return List.of(
                new Case("no containers", "v1", "Pod", "{}", "spec.containers: Required value"),
                new Case(
                        "same names",
                        "v1",
                        "Pod",
                        "{containers: [{name: a, image: i}, {name: a, image: i}]}",
                        "spec.containers[1].name: Duplicate value: \"a\""),
                new Case(
                        "unknown volume",
                        "v1",
                        "Pod",
                        "{containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}",
                        "spec.containers[0].volumeMounts[0].name: Not found: \"v\""),
                path("{subPath: a/../../b}", "subPath: Invalid value: \"a/../../b\": must not contain '..'"),
                path("{subPathExpr: /etc}", "subPathExpr: Invalid value: \"/etc\": must be a relative path"),
                file(
                        "configMap: {name: m, items: [{key: k, path: ../up}]}",
                        "configMap.items[0].path: Invalid value: \"../up\": must not contain '..'"),
                file(
                        "projected: {sources: [{serviceAccountToken: {path: ..data}}]}",
                        "projected.sources[0].serviceAccountToken.path: Invalid value: \"..data\": must not start with"
                                + " '..'"),
                file(
                        "projected: {sources: [{secret: {name: s, items: [{key: k, path: /root}]}}]}",
                        "projected.sources[0].secret.items[0].path: Invalid value: \"/root\": must be a relative path"),
                new Case(
                        "request over limit",
                        "v1",
                        "Pod",
                        "{containers: [{name: a, image: i, resources: {limits: {cpu: 1}, requests: {cpu: 1500m}}}]}",
                        "spec.containers[0].resources.requests: Invalid value: \"1500m\": must be less than or equal to"
                                + " cpu limit of 1"),
                new Case(
                        "deployment without selector",
                        "apps/v1",
                        "Deployment",
                        "{" + TEMPLATE + "}",
                        "spec.selector: Required value"),
                new Case(
                        "selector beside the template",
                        "apps/v1",
                        "ReplicaSet",
                        "{selector: {matchLabels: {a: c}}, " + TEMPLATE + "}",
                        "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template"
                                + " `labels`"),
                new Case(
                        "job whose pods restart always",
                        "batch/v1",
                        "Job",
                        "{" + TEMPLATE + "}",
                        "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void refuses(Case given) {
        var writes = new Writes(given.apiVersion(), given.kind());
        assertThat(writes.createErrors("{metadata: {name: a, namespace: d}, spec: " + given.spec() + "}"))
                .containsExactly(given.finding());
    }

    /// A pod template where a kind keeps it.
    record Template(String apiVersion, String kind, String before, String after) {}

    static List<Template> templates() {
        String selected = "{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: ";
        return List.of(
                new Template("v1", "Pod", "", ""),
                new Template("v1", "ReplicationController", "{template: {metadata: {labels: {a: b}}, spec: ", "}}"),
                new Template("apps/v1", "ReplicaSet", selected, "}}"),
                new Template("apps/v1", "Deployment", selected, "}}"),
                new Template("apps/v1", "DaemonSet", selected, "}}"),
                new Template("apps/v1", "StatefulSet", selected, "}}"),
                new Template("batch/v1", "Job", "{template: {spec: ", "}}"),
                new Template(
                        "batch/v1", "CronJob", "{schedule: '@daily', jobTemplate: {spec: {template: {spec: ", "}}}}"));
    }

    /// Each way in which a container names a volume, once with a volume of that name and once without.
    @ParameterizedTest
    @MethodSource("templates")
    void knowsVolumesOnlyByNamesGivenSomewhere(Template given) {
        String restart = given.apiVersion().equals("batch/v1") ? "restartPolicy: Never, " : "";
        for (String use : List.of(
                "volumeMounts: [{name: data, mountPath: /data}]",
                "volumeDevices: [{name: data," + " devicePath: /dev/x}]")) {
            for (String list : List.of(
                    "containers: [{name: a, image: i, %s}]",
                    "initContainers: [{name: b, image: i," + " %s}], containers: [{name: a, image: i}]")) {
                String spec = restart + list.formatted(use);
                assertThat(findings(given, "{" + spec + "}", ""))
                        .as(spec)
                        .singleElement()
                        .asString()
                        .endsWith("[0].name: Not found: \"data\"");
                assertThat(findings(given, "{volumes: [{name: data, emptyDir: {}}], " + spec + "}", ""))
                        .isEmpty();
                List<String> byClaim = findings(
                        given, "{" + spec + "}", ", volumeClaimTemplates: [{metadata: {name: data}, spec: {}}]");
                assertThat(byClaim).hasSize(given.kind().equals("StatefulSet") ? 0 : 1);
            }
        }
    }

    private static List<String> findings(Template given, String podSpec, String more) {
        String end = given.after().isEmpty()
                ? ""
                : given.after().substring(0, given.after().length() - 1) + more + "}";
        return new Writes(given.apiVersion(), given.kind())
                .createErrors("{metadata: {name: a, namespace: d}, spec: " + given.before() + podSpec + end + "}");
    }

    @Test
    void freezesSelectorsAndStatefulSetFields() {
        String before =
                "{metadata: {name: a, namespace: d}, spec: {selector: {matchLabels: {a: b}}, " + TEMPLATE + "}}";
        String other = before.replace("a: b", "a: c");
        assertThat(new Writes("apps/v1", "Deployment").updateErrors(other, before))
                .containsExactly("spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"c\"}}: field is immutable");
        assertThat(new Writes("apps/v1", "StatefulSet")
                        .updateErrors(before.replace("spec: {selector", "spec: {serviceName: s, selector"), before))
                .singleElement()
                .asString()
                .startsWith("spec: Forbidden: updates to statefulset spec for fields other than 'replicas'");
    }

    @Test
    void generatesAJobsSelector() {
        var job = new Writes("batch/v1", "Job")
                .prepared("{metadata: {name: j, namespace: d, uid: u1}, spec: {template: {spec: {restartPolicy: Never, "
                        + POD + "}}}}");
        assertThat(job.path("spec").path("selector"))
                .isEqualTo(yaml("{matchLabels: {batch.kubernetes.io/controller-uid: u1}}"));
        assertThat(Fields.map(Checks.at(job, "spec.template.metadata.labels")))
                .containsEntry("job-name", "j")
                .containsEntry("controller-uid", "u1");
    }
}
