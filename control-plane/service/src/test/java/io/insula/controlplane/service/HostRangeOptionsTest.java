package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.HostRanges;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HostRangeOptionsTest {

    @Test
    void hasNoneUnlessTold() {
        var options = CommandLine.populateCommand(new ServiceOptions());

        assertThat(options.hostRanges()).isEqualTo(HostRanges.NONE);
        assertThat(options.asArguments()).noneMatch(argument -> argument.startsWith("--host-"));
    }

    @Test
    void reachTheServiceAsTheyWereGiven() {
        var given = CommandLine.populateCommand(
                new ServiceOptions(),
                "--host-pods=192.168.0.0/16,fd00:10::/64",
                "--host-pods=10.9.0.0/16",
                "--host-services=10.43.0.0/16",
                "--host-inside=172.31.0.0/16");

        var handedOn = CommandLine.populateCommand(
                new ServiceOptions(), given.asArguments().toArray(String[]::new));

        assertThat(handedOn.hostRanges())
                .isEqualTo(given.hostRanges())
                .isEqualTo(HostRanges.of(
                        List.of("192.168.0.0/16", "fd00:10::/64", "10.9.0.0/16"),
                        List.of("10.43.0.0/16"),
                        List.of("172.31.0.0/16")));
    }
}
