package io.insula.controlplane.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    void refusesWhatANewerReleaseWroteAndNamesIt() throws Exception {
        String newer = "{\"format\":99,\"release\":\"7.1.0\",\"ports\":{}}";
        Files.writeString(home().stateFile(), newer);

        assertThatThrownBy(() -> HomeState.open(home()))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("newer Insula (7.1.0, format 99")
                .hasMessageContaining("nothing was changed");
        assertThat(home().stateFile()).hasContent(newer);
    }

    @Test
    void refusesAFormatThatNobodyWrote() throws Exception {
        Files.writeString(home().stateFile(), "{\"format\":0,\"ports\":{}}");

        assertThatThrownBy(() -> HomeState.open(home()))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("format 0");
    }

    @Test
    void readsWhatTheFirstReleaseWrote() throws Exception {
        Files.writeString(home().stateFile(), "{\"format\":1,\"ports\":{\"admin\":20001}}");
        HomeState state = HomeState.open(home());

        assertThat(state.port("admin")).hasValue(20001);
        assertThat(state.options()).isEmpty();
        assertThat(state.host()).isEmpty();
    }

    @Test
    void remembersOptionsAndHost() {
        HomeState state = HomeState.open(home());
        state.rememberOptions(Map.of("listen", "0.0.0.0", "kafka-config", "/a b/ü.properties"));
        state.rememberHost("uid-1");
        state.rememberPort("admin", 20001);

        HomeState again = HomeState.open(home());
        assertThat(again.options()).isEqualTo(Map.of("listen", "0.0.0.0", "kafka-config", "/a b/ü.properties"));
        assertThat(again.host()).hasValue("uid-1");
        assertThat(home().stateFile()).content().contains("\"release\"", Release.NAME);
    }

    private Home home() {
        return new Home(folder);
    }
}
