package io.insula.controlplane.home;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;

/// Chooses ports that are free now and remembers them, so that kubeconfigs stay valid over restarts. Ports lie below
/// the
/// range from which the kernel takes the ports of outgoing connections, so that a restart finds them free.
/// Thread-safe: guarded by itself.
public final class Ports {

    /// Source: Linux `net.ipv4.ip_local_port_range` starts at 32768 by default.
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;

    private final HomeState state;
    private final InetAddress address;
    private final Set<Integer> given = new HashSet<>();

    public Ports(HomeState state, String listenAddress) {
        this.state = state;
        try {
            this.address = InetAddress.getByName(listenAddress);
        } catch (UnknownHostException e) {
            throw new HomeException(
                    "cannot listen on \"" + listenAddress + "\": no such address; give one of this machine's with"
                            + " --listen",
                    e);
        }
        given.addAll(state.ports().values());
    }

    /// The remembered port of `purpose`, or a new free one that is remembered now.
    public synchronized int choose(String purpose) {
        return state.port(purpose).orElseGet(() -> takeNew(purpose));
    }

    /// Remembers `port` for `purpose`, as wished by the user.
    ///
    /// @throws HomeException when something else of this installation has it
    public synchronized void fix(String purpose, int port) {
        if (state.port(purpose).filter(p -> p == port).isPresent()) {
            return;
        }
        if (!given.add(port)) {
            throw new HomeException("port " + port + " already belongs to another part of this installation: "
                    + state.ports() + "; choose another");
        }
        state.rememberPort(purpose, port);
    }

    /// Whether nobody listens on `port` now.
    public boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// @throws HomeException naming the port and what to type when somebody else listens on the remembered port
    public void requireFree(String purpose, int port) {
        if (!isFree(port)) {
            throw new HomeException("port " + port + " (" + purpose + ") is taken by another program: stop that program"
                    + " (`ss -ltnp 'sport = :" + port + "'` shows it), or type `insula up --new-ports` to choose"
                    + " other ports (kubeconfigs issued before then need to be fetched again); nothing was changed");
        }
    }

    private int takeNew(String purpose) {
        for (int port = FIRST; port < LAST; port++) {
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                state.rememberPort(purpose, port);
                return port;
            }
        }
        throw new HomeException("no free port between " + FIRST + " and " + LAST + " for " + purpose);
    }
}
