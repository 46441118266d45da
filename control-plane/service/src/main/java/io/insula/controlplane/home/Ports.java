package io.insula.controlplane.home;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// Chooses ports that are free now and remembers them, so that kubeconfigs stay valid over restarts. The search
/// begins at a random place, so that installations that start at the same moment do not follow each other from
/// port to port; where somebody is faster nevertheless, the one who uses the port learns it and gets another
/// ([#inner], [#outer]). Ports lie below the range from which the kernel takes the ports of outgoing
/// connections, so that a restart finds them free. Thread-safe: guarded by itself.
public final class Ports {

    /// Source: Linux `net.ipv4.ip_local_port_range` starts at 32768 by default.
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 5;

    private final HomeState state;
    private final Set<InetAddress> addresses = new LinkedHashSet<>();
    private final RandomGenerator random;
    private final Set<Integer> given = new HashSet<>();

    public Ports(HomeState state, Listening listening) {
        this(state, listening, RandomGenerator.getDefault());
    }

    Ports(HomeState state, Listening listening, RandomGenerator random) {
        this.state = state;
        this.random = random;
        addresses.add(InetAddress.getLoopbackAddress());
        addresses.add(listening.address());
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

    /// Remembers `port` for `purpose` where that has none yet and nobody has the port: else nothing happens.
    public synchronized void prefer(String purpose, int port) {
        if (state.port(purpose).isEmpty() && !state.ports().containsValue(port) && isFree(port)) {
            given.add(port);
            state.rememberPort(purpose, port);
        }
    }

    /// Lets `use` listen on ports that only this installation's own parts know: one that another program has by
    /// now is replaced, whether it was remembered or is new.
    ///
    /// @param running whether our own process listens there already
    /// @param use gets one port per purpose, in their order
    /// @param tellsOfTakenPort whether a failure of `use` says that another program was faster
    public <T> T inner(
            List<String> purposes,
            boolean running,
            Function<List<Integer>, T> use,
            Predicate<RuntimeException> tellsOfTakenPort) {
        for (int attempt = 1; ; attempt++) {
            List<Integer> ports = purposes.stream()
                    .map(purpose -> running ? choose(purpose) : chooseFree(purpose))
                    .toList();
            try {
                return use.apply(ports);
            } catch (RuntimeException e) {
                if (attempt == ATTEMPTS || !tellsOfTakenPort.test(e)) {
                    throw e;
                }
                purposes.forEach(this::takeNew);
            }
        }
    }

    /// Lets `use` listen on a port that kubeconfigs and people know: a remembered one is never replaced.
    ///
    /// @param forPeople what listens there: `host API`
    /// @throws HomeException when the remembered port is taken, naming it and what to type
    public <T> T outer(String purpose, String forPeople, Function<Integer, T> use) {
        boolean remembered = state.port(purpose).isPresent();
        for (int attempt = 1; ; attempt++) {
            int port = choose(purpose);
            requireFree(forPeople, port);
            try {
                return use.apply(port);
            } catch (RuntimeException e) {
                if (isFree(port)) {
                    throw e;
                }
                if (remembered || attempt == ATTEMPTS) {
                    throw taken(forPeople, port);
                }
                takeNew(purpose);
            }
        }
    }

    /// Whether nobody listens on `port` now, neither on loopback nor where we listen.
    public boolean isFree(int port) {
        return addresses.stream().allMatch(address -> isFree(address, port));
    }

    /// @throws HomeException naming the port and what to type when somebody else listens on the remembered port
    public void requireFree(String forPeople, int port) {
        requireLocalAddress();
        if (!isFree(port)) {
            throw taken(forPeople, port);
        }
    }

    /// @throws HomeException when the address to listen on is another machine's: no port would be free there
    public void requireLocalAddress() {
        for (InetAddress address : addresses) {
            if (!isFree(address, 0)) {
                throw new HomeException("--listen: " + address.getHostAddress()
                        + " is not an address of this machine (`ip address` lists them); nothing was changed");
            }
        }
    }

    private synchronized int chooseFree(String purpose) {
        return state.port(purpose).filter(this::isFree).orElseGet(() -> takeNew(purpose));
    }

    private synchronized int takeNew(String purpose) {
        int begin = random.nextInt(FIRST, LAST);
        for (int i = 0; i < LAST - FIRST; i++) {
            int port = FIRST + (begin - FIRST + i) % (LAST - FIRST);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                state.rememberPort(purpose, port);
                return port;
            }
        }
        throw new HomeException("no free port between " + FIRST + " and " + LAST + " for " + purpose);
    }

    private HomeException taken(String forPeople, int port) {
        return new HomeException("port " + port + " (" + forPeople + ") is taken by another program: stop that program"
                + " (`ss -ltnp 'sport = :" + port + "'` shows it), or type `"
                + state.home().command("up --new-ports") + "` to choose"
                + " other ports (kubeconfigs issued before then need to be fetched again); nothing was changed");
    }

    private static boolean isFree(InetAddress address, int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
