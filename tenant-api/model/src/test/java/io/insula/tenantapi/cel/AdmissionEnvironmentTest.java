package io.insula.tenantapi.cel;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.StructuralSchema;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
}
