package io.insula.tenantapi.cel;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.StructuralSchema;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Source of the cases: Kubernetes' end-to-end test "ValidatingAdmissionPolicy should type check a CRD".
final class AdmissionEnvironmentTest {

    private final AdmissionEnvironment typed = AdmissionEnvironment.typed(
            StructuralSchema.of(yaml("""
                            type: object
                            properties:
                              spec:
                                type: object
                                properties:
                                  replicas: {type: integer}
                            """), ApiSchema.load()).type(), Optional.empty());

    @Test
    void knowsTheFieldsOfCustomObjects() {
        assertThatCode(() -> typed.condition("object.spec.replicas > 1")).doesNotThrowAnyException();
        assertThatThrownBy(() -> typed.condition("object.spec.replicas > '1'"))
                .isInstanceOf(CelException.class)
                .hasMessageContaining("found no matching overload for '_>_' applied to '(int, string)'");
    }

    @Test
    void missesFieldsThatTheSchemaDoesNotHave() {
        assertThatThrownBy(() -> typed.condition("object.spec.maxRetries < 10"))
                .isInstanceOf(CelException.class)
                .hasMessageContaining("undefined field 'maxRetries'");
    }

    /// As upstream's own examples of policies do with the lists of a pod's containers.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "object.a + object.b == [1, 2]",
                "object.a + object.?c.orValue([]) == [1]",
                "object.a[0] + object.b[0] == 3",
                "dyn(\"a\") + dyn(\"b\") == \"ab\"",
                "timestamp(\"2020-01-01T00:00:00Z\") + dyn(duration(\"1s\")) == timestamp(\"2020-01-01T00:00:01Z\")"
            })
    void addsWhatHasNoTypeBeforeItIsEvaluated(String expression) throws CelException {
        var object = CelValues.of(Json.object()
                .<ObjectNode>set("a", Json.MAPPER.createArrayNode().add(1))
                .set("b", Json.MAPPER.createArrayNode().add(2)));

        var result = AdmissionEnvironment.of(false, false)
                .condition(expression)
                .evaluate(Map.of("object", object), CelLimits.PER_CALL);

        assertThat(result.value()).isEqualTo(true);
    }
}
