package io.insula.controlplane.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PortsTest {

    @TempDir
    private Path folder;

    @Test
    void beginsAtARandomPlaceInItsRange() {
        var seen = new ArrayList<Integer>();
        for (int seed = 0; seed < 8; seed++) {
            HomeState state = HomeState.open(new Home(folder.resolve("home-" + seed)));
            seen.add(new Ports(state, Listening.loopback(), new Random(seed)).choose("admin"));
        }
        assertThat(seen).allMatch(port -> port >= 20_000 && port < 32_000);
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void replacesAnInnerPortThatWasTakenMeanwhile() throws IOException {
        var ports = ports();
        int remembered = ports.choose("etcd");
        try (var _ = listen(remembered)) {
            int used = ports.inner(List.of("etcd"), false, List::getFirst, _ -> false);

            assertThat(used).isNotEqualTo(remembered);
            assertThat(ports.choose("etcd")).isEqualTo(used);
        }
    }

    @Test
    void triesAnotherInnerPortWhenSomebodyWasFaster() {
        var tried = new ArrayList<Integer>();
        int used = ports().inner(
                        List.of("etcd"),
                        false,
                        chosen -> {
                            tried.add(chosen.getFirst());
                            if (tried.size() == 1) {
                                throw new IllegalStateException("Address already in use");
                            }
                            return chosen.getFirst();
                        },
                        failure -> true);

        assertThat(tried).hasSize(2).doesNotHaveDuplicates().last().isEqualTo(used);
    }

    @Test
    void doesNotRepeatAFailureThatIsNotAboutPorts() {
        var tried = new ArrayList<Integer>();

        assertThatThrownBy(() -> ports().inner(
                                List.of("etcd"),
                                false,
                                chosen -> {
                                    tried.add(chosen.getFirst());
                                    throw new IllegalStateException("disk is full");
                                },
                                failure -> false))
                .hasMessage("disk is full");
        assertThat(tried).hasSize(1);
    }

    @Test
    void leavesAnInnerPortAloneOnWhichOurOwnProcessListens() throws IOException {
        var ports = ports();
        int remembered = ports.choose("etcd");
        try (var _ = listen(remembered)) {
            assertThat(ports.<Integer>inner(List.of("etcd"), true, List::getFirst, _ -> false))
                    .isEqualTo(remembered);
        }
    }

    @Test
    void neverReplacesARememberedPortThatPeopleKnow() throws IOException {
        int remembered = ports().choose("host/api");
        try (var _ = listen(remembered)) {
            assertThatThrownBy(() -> ports().outer("host/api", "host API", port -> port))
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining(Integer.toString(remembered))
                    .hasMessageContaining("--new-ports");
        }
        assertThat(ports().choose("host/api")).isEqualTo(remembered);
    }

    @Test
    void triesAnotherOuterPortWhenItIsNewAndSomebodyWasFaster() throws IOException {
        var taken = new ArrayList<ServerSocket>();
        int used = ports().outer("host/api", "host API", port -> {
            if (taken.isEmpty()) {
                taken.add(listen(port));
                throw new IllegalStateException("cannot listen");
            }
            return port;
        });

        assertThat(used).isNotEqualTo(taken.getFirst().getLocalPort());
        assertThat(ports().choose("host/api")).isEqualTo(used);
        taken.getFirst().close();
    }

    @Test
    void takesAWishedPortOnlyWhereNobodyHasIt() throws IOException {
        int was = ports().choose("was");
        var state = HomeState.open(new Home(folder));
        state.forgetPorts("was");
        var ports = new Ports(state, Listening.loopback());
        int other = ports.choose("other");

        try (var _ = listen(was)) {
            ports.prefer("new", was);
            assertThat(state.port("new")).isEmpty();
        }
        ports.prefer("new", other);
        assertThat(state.port("new")).as("of another part").isEmpty();
        ports.prefer("other", was);
        assertThat(state.port("other")).as("remembered").contains(other);

        ports.prefer("new", was);
        assertThat(ports.choose("new")).isEqualTo(was);
    }

    @Test
    void tellsAnAddressOfAnotherMachineFromATakenPort() {
        // Source: RFC 5737: 198.51.100.0/24 is for documents.
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.of("198.51.100.77", ""));

        assertThatThrownBy(() -> ports.requireFree("host API", 20_000))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("not an address of this machine");
    }

    private Ports ports() {
        return new Ports(HomeState.open(new Home(folder)), Listening.loopback());
    }

    private static ServerSocket listen(int port) {
        try {
            var socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
