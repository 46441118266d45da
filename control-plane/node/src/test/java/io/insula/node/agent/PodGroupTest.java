package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.insula.rules.keys.InsulaKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How many processes a pod may have.
final class PodGroupTest {

    private static final NodeLimits LIMITS = NodeLimits.USUAL.podProcesses(1000);

    /// Who writes the annotation may ask for fewer, never for more.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "100|100",
                "1|1",
                "1000|1000",
                "1001|1000",
                "999999999|1000",
                "0|1000",
                "-1|1000",
                "max|1000",
                "''|1000",
                "99999999999999999999|1000",
                "1e2|1000"
            })
    void isBoundedByTheNarrowerOfItsOwnAndTheNodesLimit(String own, long processes) {
        assertThat(PodGroup.processes(pod(own), LIMITS)).isEqualTo(processes);
    }

    @Test
    void isBoundedByTheNodeWhereItSaysNothing() {
        assertThat(PodGroup.processes(
                        new PodBuilder().withNewMetadata().endMetadata().build(), LIMITS))
                .isEqualTo(1000);
    }

    private static Pod pod(String limit) {
        return new PodBuilder()
                .withNewMetadata()
                .addToAnnotations(InsulaKeys.PIDS_LIMIT, limit)
                .endMetadata()
                .build();
    }
}
