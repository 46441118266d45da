package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PodTemplatesTest {

    /// The bytes that Go writes for the same patch: kept by an upstream controller manager without a restart of any
    /// pod.
    @Test
    void sortsKeysAtEveryDepth() {
        var template = parse("""
                {"metadata": {"labels": {"b": "1", "a": "2"}}, "$patch": "replace",
                 "spec": {"terminationGracePeriodSeconds": 30, "containers": [{"name": "x", "image": "i",
                  "ports": [{"protocol": "TCP", "containerPort": 80}], "resources": {}}], "dnsPolicy": "Default"}}""");

        assertThat(PodTemplates.sorted(template).toString())
                .isEqualTo("{\"$patch\":\"replace\",\"metadata\":{\"labels\":{\"a\":\"2\",\"b\":\"1\"}},\"spec\":"
                        + "{\"containers\":[{\"image\":\"i\",\"name\":\"x\",\"ports\":[{\"containerPort\":80,"
                        + "\"protocol\":\"TCP\"}],\"resources\":{}}],\"dnsPolicy\":\"Default\","
                        + "\"terminationGracePeriodSeconds\":30}}");
    }
}
