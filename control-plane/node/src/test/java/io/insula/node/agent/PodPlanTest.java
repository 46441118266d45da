package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxId;
import io.insula.node.runtime.SandboxSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodPlanTest {

    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

    /// Containers as `name=state`: `r` runs, `x3` ended with 3 a minute ago as the first, `x3@2` as its third.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // policy | sandbox | containers | what comes next
                "Always|none||sandbox 0",
                "Always|gone|main=r|sandbox 1",
                "Never|gone|main=r|finish Failed",
                "Always|ready||start side",
                "Always|ready|side=r|start init",
                "Always|ready|side=r init=r|idle",
                "Always|ready|side=r init=x0|start main",
                "Always|ready|side=r init=x1|start init",
                "Always|ready|side=r init=x1@2|start init",
                "Always|ready|side=r init=x1@5|idle PT1M40S",
                "Never|ready|side=r init=x1|finish Failed",
                "OnFailure|ready|side=r init=x0 main=x0|finish Succeeded",
                "OnFailure|ready|side=r init=x0 main=x4|start main",
                "OnFailure|ready|side=r init=x0 main=x4@9|idle PT4M",
                "Never|ready|side=r init=x0 main=x4|finish Failed",
                "Never|ready|side=x0 init=x0 main=r|start side",
                "Always|ready|side=r init=x0 main=x0|start main",
                "Always|ready|side=r init=x0 main=x0@4|idle PT20S",
                "Always|ready|side=r main=r|idle",
                "Always|ready|side=r main=u|start main",
                // an ephemeral container starts at once, once
                "debug Always|none||sandbox 0",
                "debug Always|ready||start debug side",
                "debug Always|ready|side=r|start debug init",
                "debug Always|ready|side=r init=x0 main=r|start debug",
                "debug Always|ready|side=r main=r debug=c|start debug",
                "debug Always|ready|side=r main=r debug=r|idle",
                "debug Always|ready|side=r main=r debug=x3|idle",
                "debug Always|gone|main=r debug=r|sandbox 1",
                "debug Never|ready|side=r init=x0 main=x0 debug=r|finish Succeeded"
            })
    void decidesWhatComesNext(String policies, String sandbox, String containers, String want) {
        boolean debugged = policies.startsWith("debug ");
        String policy = policies.replace("debug ", "");
        Pod pod = Serialization.unmarshal("""
                metadata: {name: pod, namespace: ns, uid: u}
                spec:
                  restartPolicy: %s
                  initContainers: [{name: side, image: i, restartPolicy: Always}, {name: init, image: i}]
                  containers: [{name: main, image: i}]
                  ephemeralContainers: [%s]
                """.formatted(policy, debugged ? "{name: debug, image: i}" : ""), Pod.class);
        Map<String, List<Container>> all = new HashMap<>();
        if (containers != null) {
            for (String text : containers.split(" ", -1)) {
                String[] parts = text.split("[=@]", -1);
                all.put(
                        parts[0],
                        List.of(container(parts[0], parts[1], parts.length > 2 ? Integer.parseInt(parts[2]) : 0)));
            }
        }
        var view = new PodView(pod, sandbox(sandbox), all);

        PodPlan plan = PodPlan.decide(view, _ -> true, NOW);
        assertThat(shown(plan)).isEqualTo(want);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 10", "2, 20", "3, 40", "5, 160", "6, 300", "60, 300"})
    void waitsLongerWithEachFailure(int attempt, long seconds) {
        var quick = new State.Exited(1, "Error", "", NOW.minusSeconds(1), NOW);
        assertThat(PodPlan.backOff(attempt, quick)).isEqualTo(Duration.ofSeconds(seconds));
        var lasting = new State.Exited(1, "Error", "", NOW.minusSeconds(700), NOW);
        assertThat(PodPlan.backOff(attempt, lasting)).isZero();
    }

    /// Else it would wait until the clock is where it has been.
    @Test
    void startsWhatEndedInTheFutureAsTheClockWasSetBack() {
        Pod pod = Serialization.unmarshal("""
                metadata: {name: pod, namespace: ns, uid: u}
                spec: {containers: [{name: main, image: i}]}
                """, Pod.class);
        var view = new PodView(pod, sandbox("ready"), Map.of("main", List.of(container("main", "x1", 5))));

        assertThat(shown(PodPlan.decide(view, _ -> true, NOW))).startsWith("idle PT");
        Instant before = NOW.minus(Duration.ofDays(1));
        assertThat(shown(PodPlan.decide(view, _ -> true, before))).isEqualTo("start main");
    }

    private static String shown(PodPlan plan) {
        return switch (plan) {
            case PodPlan.Idle(var at) ->
                "idle" + at.map(t -> " " + Duration.between(NOW, t)).orElse("");
            case PodPlan.StartSandbox(var attempt) -> "sandbox " + attempt;
            case PodPlan.StartContainers(var containers) ->
                "start "
                        + String.join(
                                " ", containers.stream().map(c -> c.getName()).toList());
            case PodPlan.Finish(var phase) -> "finish " + phase;
        };
    }

    private static Optional<Sandbox> sandbox(String state) {
        return state.equals("none")
                ? Optional.empty()
                : Optional.of(new Sandbox(
                        new SandboxId("s"),
                        new SandboxSpec.Name("ns", "pod", "u", 0),
                        state.equals("ready"),
                        NOW,
                        List.of(),
                        Map.of(),
                        Map.of(),
                        ""));
    }

    private static Container container(String name, String state, int attempt) {
        State now = switch (state.charAt(0)) {
            case 'r' -> new State.Running(NOW);
            case 'u' -> new State.Unknown();
            case 'c' -> new State.Created();
            default ->
                new State.Exited(
                        Integer.parseInt(state.substring(1)), "", "", NOW.minusSeconds(61), NOW.minusSeconds(60));
        };
        return new Container(
                new ContainerId(name),
                new SandboxId("s"),
                name,
                attempt,
                now,
                "",
                "",
                NOW,
                Map.of(),
                Map.of(),
                Optional.empty());
    }
}
