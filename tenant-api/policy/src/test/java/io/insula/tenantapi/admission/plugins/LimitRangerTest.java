package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LimitRangerTest {

    private static final GroupVersionResource RANGES = FakeObjectClient.core("limitranges");
    private static final GroupVersionResource PODS = FakeObjectClient.core("pods");

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
    void countsInitContainersByTheirPeakAndSidecarsAlways() {
        var spec = FakeObjectClient.yaml("{containers: [{name: a, resources: {requests: {cpu: 300m}}}], initContainers:"
                + " [{name: s, restartPolicy: Always, resources: {requests: {cpu: 200m}}},"
                + " {name: i, resources: {requests: {cpu: '1'}}}], overhead: {cpu: 50m}}");

        assertThat(PodResources.total(spec).path("requests").path("cpu").asText())
                .isEqualTo("1250m");
    }

    private static FakeObjectClient range(String item) {
        return new FakeObjectClient()
                .with(RANGES, "{metadata: {name: r, namespace: shop}, spec: {limits: [" + item + "]}}");
    }

    private static String pod(String spec) {
        return "{metadata: {name: p, namespace: shop}, spec: " + spec + "}";
    }
}
