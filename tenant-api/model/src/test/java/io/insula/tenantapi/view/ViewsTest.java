package io.insula.tenantapi.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.ContainerView.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

    private static final ObjectNode POD = json("""
            {"metadata":{"name":"p"},
             "spec":{"nodeName":"n","containers":[{"name":"a","image":"x"},{"name":"b"}],
              "initContainers":[{"name":"i"},{"name":"s","restartPolicy":"Always"}],
              "ephemeralContainers":[{"name":"e","restartPolicy":"Always"}]},
             "status":{"phase":"Running","conditions":[
              {"type":"PodScheduled","status":"True"},
              {"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:30Z"}]}}""");

    @Test
    void walksContainersInTheOrderInWhichTheyStart() {
        PodSpecView spec = PodView.of(POD).spec();
        assertThat(paths(spec.containers()))
                .containsExactly(
                        "spec.initContainers[0] i",
                        "spec.initContainers[1] s",
                        "spec.containers[0] a",
                        "spec.containers[1] b",
                        "spec.ephemeralContainers[0] e");
        assertThat(paths(spec.startedContainers())).hasSize(4);
        assertThat(paths(spec.containers(Kind.ORDINARY)))
                .containsExactly("spec.containers[0] a", "spec.containers[1] b");
    }

    @Test
    void walksWhatIsNotThereOrNoContainerWithoutStumbling() {
        assertThat(paths(new PodSpecView(json("{}")).containers())).isEmpty();
        assertThat(paths(new PodSpecView(json("{\"ephemeralContainers\":[null]}")).containers()))
                .containsExactly("spec.ephemeralContainers[0] ");
    }

    @Test
    void knowsSidecars() {
        var sidecars = new ArrayList<String>();
        PodView.of(POD).spec().containers().forEach(c -> {
            if (c.isSidecar()) {
                sidecars.add(c.name());
            }
        });
        assertThat(sidecars).containsExactly("s");
    }

    @Test
    void looksAtTheTreeItselfAndNeverAtACopy() {
        ObjectNode pod = POD.deepCopy();
        PodView.of(pod).spec().containers(Kind.ORDINARY).forEach(c -> c.edit(tree -> tree.put("image", "new")));
        assertThat(pod.at("/spec/containers/1/image").asText()).isEqualTo("new");
        JsonNode template = json("{\"spec\":{\"template\":{\"spec\":{\"nodeName\":\"m\"}}}}");
        assertThat(WorkloadView.of(template).podSpec().tree()).isSameAs(template.at("/spec/template/spec"));
    }

    @Test
    void tellsHowLongAPodHasBeenReady() {
        PodView pod = PodView.of(POD);
        assertThat(pod.isActive()).isTrue();
        assertThat(pod.isReady()).isTrue();
        assertThat(pod.isAvailable(30, NOW)).isTrue();
        assertThat(pod.isAvailable(31, NOW)).isFalse();
        assertThat(pod.availableIn(45, NOW)).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void movesTheTimeOfAConditionOnlyWithItsStatus() {
        ObjectNode status = Json.object();
        assertThat(Condition.set(status, "Ready", false, "Waiting", "", NOW)).isTrue();
        assertThat(Condition.set(status, "Ready", false, "Waiting", "", NOW.plusSeconds(1)))
                .isFalse();
        assertThat(Condition.set(status, "Ready", false, "Failing", "why", NOW.plusSeconds(2)))
                .isTrue();
        Condition ready = Condition.in(status, "Ready");
        assertThat(ready.since()).contains(NOW);
        assertThat(ready.reason() + ready.message()).isEqualTo("Failingwhy");
        assertThat(Condition.set(status, "Ready", true, "", "", NOW.plusSeconds(3)))
                .isTrue();
        assertThat(ready.isTrue()).isTrue();
        assertThat(ready.since()).contains(NOW.plusSeconds(3));
        assertThat(ready.tree().has("reason")).isFalse();
        assertThat(status.path("conditions")).hasSize(1);
    }

    @Test
    void readsAConditionThatIsNotThereAsNeitherTrueNorFalse() {
        Condition absent = Condition.of(POD, "Initialized");
        assertThat(absent.exists()).isFalse();
        assertThat(absent.isTrue() || absent.isFalse()).isFalse();
        assertThat(Condition.remove(POD.deepCopy().withObjectProperty("status"), "Initialized"))
                .isFalse();
        ObjectNode status = POD.deepCopy().withObjectProperty("status");
        assertThat(Condition.remove(status, "Ready")).isTrue();
        assertThat(Condition.in(status, "PodScheduled").isTrue()).isTrue();
    }

    private static List<String> paths(Iterable<ContainerView> containers) {
        var all = new ArrayList<String>();
        containers.forEach(c -> all.add(c.path("spec") + " " + c.name()));
        return all;
    }

    private static ObjectNode json(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
