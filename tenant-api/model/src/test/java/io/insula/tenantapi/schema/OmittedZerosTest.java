package io.insula.tenantapi.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.wire.OmittedZeros;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What is left out where it is zero, against upstream's own description: a field that an object must have is none of
/// it.
final class OmittedZerosTest {

    /// An empty text may be left out of what must have one: either is refused.
    @Test
    void areNoNumbersThatAnObjectMustHave() {
        ApiSchema schema = ApiSchema.load();
        var lost = new TreeSet<String>();
        for (String name : schema.definitionNames()) {
            JsonNode definition = schema.definition(name).orElseThrow();
            for (JsonNode required : definition.path("required")) {
                boolean isText = definition
                        .at("/properties/" + required.asText() + "/type")
                        .asText()
                        .equals("string");
                if (!isText && OmittedZeros.of(name).contains(required.asText())) {
                    lost.add(name + "." + required.asText());
                }
            }
        }

        assertThat(lost).isEmpty();
    }

    @Test
    void areThoseThatGoLeavesOut() {
        assertThat(OmittedZeros.of("io.k8s.api.core.v1.PodSpec")).contains("hostNetwork", "nodeName");
        assertThat(OmittedZeros.of("io.k8s.api.scheduling.v1.PriorityClass"))
                .contains("globalDefault", "description")
                .doesNotContain("value");
    }
}
