package io.insula.tenantapi.kinds.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceRulesTest {

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "fd00::1", "2001:DB8::1"})
    void takesAddresses(String address) {
        assertThat(ServiceRules.validate(service(address))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1.",
                "010.0.0.1",
                "10.1",
                "167772161",
                "0x0a.0.0.1",
                "fd00::1%eth0",
                "[fd00::1]",
                "a:b",
                "name"
            })
    void takesNoTextForAnAddressThatIsNoneToSomebody(String text) {
        assertThat(ServiceRules.validate(service(text)))
                .extracting(FieldError::field)
                .containsExactly("spec.clusterIPs[0]", "spec.externalIPs[0]");
    }

    private static ObjectNode service(String address) {
        ObjectNode service = Json.object();
        ObjectNode spec = service.putObject("spec").put("type", "ClusterIP").put("clusterIP", address);
        spec.putArray("clusterIPs").add(address);
        spec.putArray("externalIPs").add(address);
        spec.putArray("ports")
                .addObject()
                .put("port", 80)
                .put("protocol", "TCP")
                .put("targetPort", 80);
        return service;
    }
}
