package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LimitRangerTest {

    private static final GroupVersionResource RANGES = FakeObjectClient.core("limitranges");
    private static final GroupVersionResource PODS = FakeObjectClient.core("pods");
    private static final GroupVersionResource CLAIMS = FakeObjectClient.core("persistentvolumeclaims");

    private final LimitRanger plugin = new LimitRanger();

    @Test
    void fillsDefaultsAndSaysSo() {
        var store = range("{type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 100m, memory: 64Mi}}");
        var pod = Admission.create(
                plugin, store, PODS, pod("{containers: [{name: a, resources: {requests: {cpu: 200m}}}]}"));

        assertThat(pod.path("spec").path("containers").path(0).path("resources"))
                .isEqualTo(FakeObjectClient.yaml("{requests: {cpu: 200m, memory: 64Mi}, limits: {cpu: 500m}}"));
        assertThat(pod.path("metadata")
                        .path("annotations")
                        .path("kubernetes.io/limit-ranger")
                        .asText())
                .isEqualTo("LimitRanger plugin set: memory request for container a; cpu limit for container a");
    }

    record Case(String name, String item, String resources, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> refusals() {
        return Stream.of(
                new Case(
                        "limit above",
                        "{type: Container, max: {cpu: '1'}}",
                        "{limits: {cpu: '2'}}",
                        "maximum cpu usage per Container is 1, but limit is 2"),
                new Case(
                        "no limit",
                        "{type: Container, max: {cpu: '1'}}",
                        "{}",
                        "maximum cpu usage per Container is 1.  No limit is specified"),
                new Case(
                        "request below",
                        "{type: Container, min: {memory: 64Mi}}",
                        "{requests: {memory: 32Mi}}",
                        "minimum memory usage per Container is 64Mi, but request is 32Mi"),
                new Case(
                        "no request",
                        "{type: Container, min: {memory: 64Mi}}",
                        "{}",
                        "minimum memory usage per Container is 64Mi.  No request is specified"),
                new Case(
                        "ratio",
                        "{type: Container, maxLimitRequestRatio: {cpu: '2'}}",
                        "{requests: {cpu: 100m}, limits: {cpu: 250m}}",
                        "cpu max limit to request ratio per Container is 2, but provided ratio is 2.500000"),
                new Case(
                        "limit below",
                        "{type: Container, min: {memory: 64Mi}}",
                        "{requests: {memory: 64Mi}, limits: {memory: 32Mi}}",
                        "minimum memory usage per Container is 64Mi, but limit is 32Mi"),
                new Case(
                        "request above",
                        "{type: Container, max: {cpu: '1'}}",
                        "{requests: {cpu: '2'}, limits: {cpu: '1'}}",
                        "maximum cpu usage per Container is 1, but request is 2"),
                new Case(
                        "ratio to nothing",
                        "{type: Container, maxLimitRequestRatio: {cpu: '2'}}",
                        "{requests: {cpu: 0}, limits: {cpu: 250m}}",
                        "cpu max limit to request ratio per Container is 2, but no request is specified or request is"
                                + " 0"),
                new Case(
                        "ratio of nothing",
                        "{type: Container, maxLimitRequestRatio: {cpu: '2'}}",
                        "{requests: {cpu: 100m}}",
                        "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0"),
                new Case(
                        "all that is wrong",
                        "{type: Container, min: {cpu: 100m}, max: {memory: 1Gi}}",
                        "{requests: {cpu: 50m}, limits: {memory: 2Gi}}",
                        "[minimum cpu usage per Container is 100m, but request is 50m,"
                                + " maximum memory usage per Container is 1Gi, but limit is 2Gi]"),
                new Case(
                        "two containers as one pod",
                        "{type: Pod, max: {memory: 100Mi}}",
                        "{limits: {memory: 64Mi}}",
                        "maximum memory usage per Pod is 100Mi, but limit is 128Mi"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesPodsBeyondTheRange(Case test) {
        String container = "resources: " + test.resources() + "}";
        String containers = test.item().contains("Pod")
                ? "[{name: a, " + container + ", {name: b, " + container + "]"
                : "[{name: a, " + container + "]";

        assertThatThrownBy(() ->
                        Admission.create(plugin, range(test.item()), PODS, pod("{containers: " + containers + "}")))
                .hasMessage("pods \"p\" is forbidden: " + test.want());
    }

    @Test
    void takesWhatIsJustInTheRange() {
        var store = range("{type: Container, min: {cpu: 100m}, max: {cpu: '1'}, maxLimitRequestRatio: {cpu: '2'}}");

        for (String cpus :
                List.of("{requests: {cpu: 100m}, limits: {cpu: 200m}}", "{requests: {cpu: 1}, limits: {cpu: 1}}")) {
            assertThatCode(() -> Admission.create(
                            plugin, store, PODS, pod("{containers: [{name: a, resources: " + cpus + "}]}")))
                    .as(cpus)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void givesInitContainersTheSameAndHoldsThemToTheSame() {
        var store = range("{type: Container, default: {cpu: 500m}, max: {cpu: '1'}}");
        String spec = "{containers: [{name: a}], initContainers: [{name: i%s}]}";

        var pod = Admission.create(plugin, store, PODS, pod(spec.formatted("")));
        assertThat(pod.at("/spec/initContainers/0/resources/limits/cpu")).isEqualTo(TextNode.valueOf("500m"));
        assertThat(pod.at("/metadata/annotations/kubernetes.io~1limit-ranger").asText())
                .isEqualTo("LimitRanger plugin set: cpu limit for container a; cpu limit for init container i");
        assertThatThrownBy(() ->
                        Admission.create(plugin, store, PODS, pod(spec.formatted(", resources: {limits: {cpu: '2'}}"))))
                .hasMessageEndingWith("maximum cpu usage per Container is 1, but limit is 2");
    }

    @Test
    void countsAPodWithSidecarsAndItsGreatestInitContainerButWithoutOverhead() {
        var store = range("{type: Pod, max: {cpu: 1200m}}");
        String spec = "{containers: [{name: a, resources: {limits: {cpu: 300m}}}], initContainers:"
                + " [{name: s, restartPolicy: Always, resources: {limits: {cpu: 200m}}},"
                + " {name: i, resources: {limits: {cpu: %s}}}], overhead: {cpu: 50m}}";

        assertThatCode(() -> Admission.create(plugin, store, PODS, pod(spec.formatted("'1'"))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Admission.create(plugin, store, PODS, pod(spec.formatted("1001m"))))
                .hasMessageEndingWith("maximum cpu usage per Pod is 1200m, but limit is 1201m");
    }

    @Test
    void takesWhatThePodItselfNamesForThePod() {
        var store = range("{type: Pod, max: {memory: 1Gi}}");

        assertThatThrownBy(() -> Admission.create(
                        plugin,
                        store,
                        PODS,
                        pod("{resources: {limits: {memory: 2Gi}},"
                                + " containers: [{name: a, resources: {limits: {memory: 64Mi}}}]}")))
                .hasMessageEndingWith("maximum memory usage per Pod is 1Gi, but limit is 2Gi");
    }

    @Test
    void refusesToResizeAPodBeyondTheRange() {
        var store = range("{type: Container, max: {cpu: '1'}, default: {memory: 1Gi}}");

        assertThatThrownBy(() -> resize(store, "{name: p, namespace: shop}", "2"))
                .hasMessage("pods \"p\" is forbidden: maximum cpu usage per Container is 1, but limit is 2");
        assertThat(resize(store, "{name: p, namespace: shop}", "1").at("/spec/containers/0/resources/limits/memory"))
                .as("defaults are given as on create")
                .isEqualTo(TextNode.valueOf("1Gi"));
    }

    @Test
    void leavesPodsAloneThatAreUpdatedOtherwiseOrGoing() {
        var store = range("{type: Container, max: {cpu: '1'}}");
        String beyond = pod("{containers: [{name: a, resources: {limits: {cpu: '2'}}}]}");

        assertThatCode(() -> Admission.update(plugin, store, PODS, beyond, beyond))
                .doesNotThrowAnyException();
        assertThatCode(() ->
                        resize(store, "{name: p, namespace: shop, deletionTimestamp: '2026-01-01T00:00:00Z'}", "2"))
                .doesNotThrowAnyException();
    }

    @Test
    void holdsClaimsToTheRangeAlsoWhenTheyGrow() {
        var store = range("{type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 2Gi}}");
        String small = claim("1Gi");

        assertThatThrownBy(() -> Admission.create(plugin, store, CLAIMS, claim("512Mi")))
                .hasMessageEndingWith("minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi");
        assertThatThrownBy(() -> Admission.update(plugin, store, CLAIMS, small, claim("3Gi")))
                .hasMessage("persistentvolumeclaims \"c\" is forbidden:"
                        + " maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi");
        assertThatCode(() -> Admission.update(plugin, store, CLAIMS, small, claim("2Gi")))
                .doesNotThrowAnyException();
        assertThatCode(() -> Admission.create(plugin, store, CLAIMS, small)).doesNotThrowAnyException();
        String nothing = "{metadata: {name: c, namespace: shop}, spec: {resources: {}}}";
        assertThatThrownBy(() -> Admission.create(plugin, store, CLAIMS, nothing))
                .hasMessageEndingWith(
                        "[minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified,"
                                + " maximum storage usage per PersistentVolumeClaim is 2Gi.  No request is specified]");
        String going = small.replace("name: c", "name: c, deletionTimestamp: '2026-01-01T00:00:00Z'");
        assertThatCode(() -> Admission.update(plugin, store, CLAIMS, going, claim("3Gi")))
                .as("whoever goes may drop its finalizers")
                .doesNotThrowAnyException();
    }

    private ObjectNode resize(FakeObjectClient store, String metadata, String cpu) {
        ObjectNode old = FakeObjectClient.yaml(
                "{metadata: " + metadata + ", spec: {containers: [{name: a, resources: {limits: {cpu: '1'}}}]}}");
        ObjectNode wanted = old.deepCopy();
        wanted.withObject("/spec/containers/0/resources/limits").put("cpu", cpu);
        Admission.run(plugin, Admission.request(Operation.UPDATE, store, PODS, "resize", wanted, old));
        return wanted;
    }

    private static String claim(String storage) {
        return "{metadata: {name: c, namespace: shop}, spec: {resources: {requests: {storage: " + storage
                + "}, limits: {storage: 9Gi}}}}";
    }

    private static FakeObjectClient range(String item) {
        return new FakeObjectClient()
                .with(RANGES, "{metadata: {name: r, namespace: shop}, spec: {limits: [" + item + "]}}");
    }

    private static String pod(String spec) {
        return "{metadata: {name: p, namespace: shop}, spec: " + spec + "}";
    }
}
