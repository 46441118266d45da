package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What scripts come to by their variables and by the files that earlier runs left; somebody tries to keep the reader
/// busy.
final class ContainerRunsTest {

    private static final Duration PACE = Duration.ofMillis(10);
    private static final Behavior RUNS = new Behavior.Runs();

    private static final String ONCE = """
            if [[ -r /data/foo ]]
            then
              exit 0
            else
              touch /data/foo
              exit 1
            fi
            """;

    @Test
    void findsTheFilesOfEarlierRunsInScratchVolumes() {
        JsonNode pod = pod("emptyDir: {}", ONCE, "");

        assertThat(run(pod, 0)).isEqualTo(ends(1));
        assertThat(run(pod, 1)).isEqualTo(ends(0));
        assertThat(run(pod, 7)).isEqualTo(ends(0));
    }

    @Test
    void takesWhatIsInOtherVolumesToBeThere() {
        assertThat(run(pod("configMap: {name: c}", ONCE, ""), 0)).isEqualTo(ends(0));
    }

    @Test
    void findsTheFilesOfInitContainersBeforeIt() {
        String script = "[ -f /data/sub/ready ] || exit 8";
        JsonNode alone = pod("emptyDir: {}", script, "");
        JsonNode prepared = pod("emptyDir: {}", script, """
                initContainers:
                - {name: prepare, image: app, command: [sh, -c, mkdir -p /out/sub && echo x > /out/sub/ready],
                   volumeMounts: [{name: data, mountPath: /out}]}
                """);
        JsonNode elsewhere = pod("emptyDir: {}", script, """
                initContainers:
                - {name: prepare, image: app, command: [touch, /out/sub/ready],
                   volumeMounts: [{name: data, mountPath: /out, subPath: other}]}
                """);

        assertThat(run(alone, 0)).isEqualTo(ends(8));
        assertThat(run(prepared, 0)).isEqualTo(ends(0));
        assertThat(run(elsewhere, 0)).isEqualTo(ends(8));
    }

    @Test
    void removesAndMovesFiles() {
        assertThat(run(pod("emptyDir: {}", "touch /data/a; mv /data/a /data/b; [ -e /data/a ] || exit 3", ""), 0))
                .isEqualTo(ends(3));
        assertThat(run(pod("emptyDir: {}", "touch /data/a; rm -f /data/a; cat /data/a", ""), 0))
                .isEqualTo(ends(1));
    }

    @Test
    void knowsTheVariablesOfTheContainer() {
        String odd = """
                if [ $(expr ${INDEX} % 2) -ne 0 ]; then
                  exit 1
                else
                  exit 0
                fi
                """;

        assertThat(with("{name: INDEX, value: '3'}", odd)).isEqualTo(ends(1));
        assertThat(with("{name: INDEX, value: '4'}", odd)).isEqualTo(ends(0));
        assertThat(with("{name: N, value: '5'}, {name: INDEX, value: $(N)}", odd))
                .isEqualTo(ends(1));
        assertThat(with("{name: INDEX, valueFrom: {secretKeyRef: {name: s, key: k}}}", odd))
                .isEqualTo(RUNS);
        assertThat(with("{name: N, value: '7'}", "exit $(N)")).isEqualTo(ends(7));
        assertThat(with("{name: N, value: '7'}", "exit $$(expr $N + 1)")).isEqualTo(ends(8));
        assertThat(with("{name: N, value: '7'}", "exit `expr ${N} - 1`")).isEqualTo(ends(6));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=xxxxxxxxxxxxxxxx; while true; do a=$a$a; done",
                "while true; do echo xxxxxxxxxxxxxxxx; done",
                "a=$(while true; do echo xxxxxxxxxxxxxxxx; done)",
                "until false; do true; done; exit 1",
                "for i in $(seq 1 99999999999); do true; done",
                "for i in $(seq 900); do for j in $(seq 900); do true; done; done",
                "for i in $(seq 900); do touch /data/$i; done",
                "exit $((9999999999999999999 * 2))",
                "exit $((1 / 0))",
                "cat /data/../../etc/shadow && nginx",
            })
    void isNotKeptBusy(String script) {
        assertThat(run(pod("emptyDir: {}", script, ""), 3)).isEqualTo(RUNS);
    }

    @Test
    void isNotLedIntoTheDepth() {
        String brackets = "$(".repeat(20_000);
        assertThat(run(pod("emptyDir: {}", brackets, ""), 0)).isEqualTo(RUNS);
        assertThat(run(pod("emptyDir: {}", "( ".repeat(20_000), ""), 0)).isEqualTo(RUNS);
        assertThat(run(pod("emptyDir: {}", "if ".repeat(20_000), ""), 0)).isEqualTo(RUNS);
        assertThat(run(pod("emptyDir: {}", "! ".repeat(20_000) + "true", ""), 0))
                .isEqualTo(RUNS);
        assertThat(run(pod("emptyDir: {}", "[ " + "! ".repeat(20_001) + "a ]", ""), 0))
                .isEqualTo(ends(1));
        assertThat(run(pod("emptyDir: {}", "sh -c '" + "x".repeat(70_000) + "'", ""), 0))
                .isEqualTo(RUNS);
        String self = "s='sh -c \"$s\"'; export s; sh -c \"$s\"";
        assertThat(run(pod("emptyDir: {}", self, ""), 0)).isEqualTo(RUNS);
    }

    private static Behavior ends(int code) {
        return new Behavior.Ends(code, PACE);
    }

    private static Behavior with(String variables, String script) {
        ObjectNode pod = pod("emptyDir: {}", script, "");
        ObjectNode one = (ObjectNode) pod.at("/spec/containers/0");
        one.set("env", parse("{env: [" + variables + "]}").path("env"));
        return run(pod, 0);
    }

    private static Behavior run(JsonNode pod, int runs) {
        return Behavior.of(pod, pod.at("/spec/containers/0"), runs, PACE);
    }

    private static ObjectNode pod(String source, String script, String more) {
        ObjectNode pod = parse("""
                spec:
                  volumes: [{name: data, %s}]
                  containers:
                  - {name: c, image: app, command: [/bin/sh, -c], volumeMounts: [{name: data, mountPath: /data/}]}
                """.formatted(source) + more.indent(2));
        ((ObjectNode) pod.at("/spec/containers/0")).putArray("args").add(script);
        return pod;
    }
}
