package io.insula.controlplane.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeStateTest {

    @TempDir
    private Path folder;

    @Test
    void remembersPortsOverRestarts() {
        int port = new Ports(HomeState.open(home()), Listening.loopback()).choose("host");

        assertThat(new Ports(HomeState.open(home()), Listening.loopback()).choose("host"))
                .isEqualTo(port);
    }

    @Test
    void givesNoPortTwice() {
        var ports = new Ports(HomeState.open(home()), Listening.loopback());

        assertThat(ports.choose("a")).isNotEqualTo(ports.choose("b"));
    }

    @Test
    void forgetsThePortsOfATenant() {
        HomeState state = HomeState.open(home());
        new Ports(state, Listening.loopback()).choose("tenant/acme/api");

        state.forgetPorts("tenant/acme/");

        assertThat(HomeState.open(home()).port("tenant/acme/api")).isEmpty();
    }

    @Test
    void namesATakenPortAndWhatToType() throws Exception {
        var ports = new Ports(HomeState.open(home()), Listening.loopback());
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int taken = socket.getLocalPort();

            assertThatThrownBy(() -> ports.requireFree("host API", taken))
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining(Integer.toString(taken))
                    .hasMessageContaining("insula up --new-ports");
        }
    }

    @Test
    void refusesADamagedStateFileWithoutTouchingIt() throws Exception {
        Files.writeString(home().stateFile(), "{\"format\":1,\"ports\":{\"host\":");

        assertThatThrownBy(() -> HomeState.open(home()))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(home().stateFile().toString())
                .hasMessageContaining("nothing was changed");
        assertThat(home().stateFile()).hasContent("{\"format\":1,\"ports\":{\"host\":");
    }

    @Test
    void refusesAnotherFormat() throws Exception {
        Files.writeString(home().stateFile(), "{\"format\":99,\"ports\":{}}");

        assertThatThrownBy(() -> HomeState.open(home()))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("format 99");
    }

    private Home home() {
        return new Home(folder);
    }
}
