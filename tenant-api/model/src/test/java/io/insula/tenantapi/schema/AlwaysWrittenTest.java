package io.insula.tenantapi.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlwaysWrittenTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apps/v1 Deployment | {} | {'status':{}}",
                "networking.k8s.io/v1 Ingress | {} | {'status':{'loadBalancer':{}}}",
                "v1 Service | {'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.1'}]}}} |"
                        + " {'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.1'}]}}}",
                "apps/v1 StatefulSet | {'status':{'replicas':2}} | {'status':{'replicas':2}}",
                "policy/v1 PodDisruptionBudget | {'status':{'currentHealthy':1}} |"
                        + " {'status':{'currentHealthy':1,'desiredHealthy':0,'disruptionsAllowed':0,'expectedPods':0}}",
                "v1 ConfigMap | {} | {}",
            })
    void writesWhatGoWouldWrite(String kind, String object, String want) {
        String[] words = kind.split(" ", -1);
        SchemaType type =
                ApiSchema.load().type(GroupVersionKind.of(words[0], words[1])).orElseThrow();
        ObjectNode made = json(object);

        AlwaysWritten.complete(type, made, "status");

        assertThat(made).isEqualTo(json(want));
    }

    private static ObjectNode json(String text) {
        return Json.parse(text.replace('\'', '"').getBytes(UTF_8));
    }
}
