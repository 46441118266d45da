package io.insula.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `insula profile explain` reads and shows.
final class ShownExplanationTest {

    @TempDir
    private Path folder;

    @Test
    void showsTheHostsObjectAsADifference() {
        String shown = ShownExplanation.of(tree("""
                {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostNetwork": false, "containers": [{"name": "c"}]}}"""), tree("""
                {"profile": "kata", "why": "it is the standard", "notes": ["spec.x ignored: so it is"],
                 "profiles": [{"name": "kata"}, {"name": "runc", "refused": {"field": "spec.y", "message": "no"}}],
                 "host": {"kind": "Pod", "metadata": {"name": "web-1"},
                          "spec": {"containers": [{"name": "c"}], "runtimeClassName": "kata"}}}"""));

        assertThat(shown).startsWith("""
                pod web
                isolation profile "kata": it is the standard

                PROFILE   RUNS-IT
                kata      yes
                runc      no: spec.y: no

                note: spec.x ignored: so it is

                - the pod
                + on the host
                """);
        assertThat(shown.lines().map(line -> line.replace("\"", "")))
                .containsSequence("-   name: web", "+   name: web-1")
                .containsSequence("-   hostNetwork: false", "+   runtimeClassName: kata")
                .contains("  kind: Pod")
                .anyMatch(line -> line.matches("  +- name: c"));
    }

    @Test
    void showsWhatIsRefused() {
        String shown = ShownExplanation.of(tree("{\"metadata\": {\"name\": \"web\"}}"), tree("""
                {"profile": "runc", "why": "it is the standard", "refused": {"field": "spec.y", "message": "no"},
                 "profiles": []}"""));

        assertThat(shown).contains("refused: spec.y: no").doesNotContain("on the host");
    }

    @Test
    void readsPodsAndTemplates() throws IOException {
        var pods = PodFile.read(file("""
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {ports: []}
                ---
                kind: Pod
                metadata: {name: alone}
                spec: {containers: []}
                ---
                kind: List
                items:
                - kind: Deployment
                  metadata: {name: web, namespace: shop}
                  spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}
                - kind: CronJob
                  metadata: {name: nightly}
                  spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c}]}}}}}
                """));

        assertThat(pods)
                .extracting(pod -> pod.path("kind").asText() + " "
                        + pod.path("metadata").path("namespace").asText("-") + "/"
                        + pod.path("metadata").path("name").asText())
                .containsExactly("Pod -/alone", "Pod shop/web", "Pod -/nightly");
        assertThat(pods.get(1).path("metadata").path("labels").path("a").asText())
                .isEqualTo("b");
    }

    @Test
    void givesPodsOfAStatefulSetTheVolumesOfItsClaims() throws IOException {
        var pods = PodFile.read(file("""
                kind: StatefulSet
                metadata: {name: db}
                spec:
                  template:
                    spec:
                      containers: [{name: c, volumeMounts: [{name: data, mountPath: /data}]}]
                      volumes: [{name: tmp, emptyDir: {}}, {name: data, emptyDir: {}}]
                  volumeClaimTemplates: [{metadata: {name: data}}]
                """));

        assertThat(pods.getFirst().at("/spec/volumes").toString())
                .isEqualTo("[{\"name\":\"tmp\",\"emptyDir\":{}},"
                        + "{\"name\":\"data\",\"persistentVolumeClaim\":{\"claimName\":\"data-db-0\"}}]");
    }

    @Test
    void refusesWhatIsNoPod() throws IOException {
        for (String text : List.of("", "kind: Service", "a: [", "just text")) {
            String file = file(text);
            assertThatThrownBy(() -> PodFile.read(file)).as(text).isInstanceOf(CommandException.class);
        }
        assertThatThrownBy(() -> PodFile.read("/does/not/exist")).isInstanceOf(CommandException.class);
    }

    @Test
    void findsWhatTwoTextsHaveInCommon() {
        assertThat(TextDiff.of(List.of(), List.of())).isEmpty();
        assertThat(TextDiff.of(List.of("a", "b", "c"), List.of("b", "c", "d")))
                .containsExactly("- a", "  b", "  c", "+ d");
        assertThat(TextDiff.of(List.of("a"), List.of("b"))).containsExactly("- a", "+ b");
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("pod.yaml"), text).toString();
    }

    private static ObjectNode tree(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
