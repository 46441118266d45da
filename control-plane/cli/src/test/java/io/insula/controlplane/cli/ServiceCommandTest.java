package io.insula.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServiceCommandTest {

    @Test
    void takesFlagsOfTheJvmWithBlanksBetweenThem() {
        assertThat(ServiceCommand.flags("")).isEmpty();
        assertThat(ServiceCommand.flags("  -Xmx4g\t-Da=b ")).containsExactly("-Xmx4g", "-Da=b");
    }
}
