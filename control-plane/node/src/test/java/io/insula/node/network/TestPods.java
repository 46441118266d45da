package io.insula.node.network;

import io.insula.node.machine.Machine;
import io.insula.node.machine.Trees;
import io.insula.node.runtime.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// Pods without containers: a network namespace each, cabled to a router of their own as CNI's `ptp` cables pods.
/// Programs in them are the machine's busybox. Without root there are none: then the tests report themselves skipped.
final class TestPods implements AutoCloseable {

    private static final String CABLE = """
            router=$1 pod=$2 far=$3 address=$4 gateway=$5
            ip netns add $pod
            ip link add eth0 netns $pod type veth peer name $far netns $router
            ip -n $router address add $gateway/32 dev $far
            ip -n $router link set $far up
            ip -n $router route add $address/32 dev $far scope host
            ip -n $pod link set lo up
            ip -n $pod address add $address/32 dev eth0
            ip -n $pod link set eth0 up
            ip -n $pod route add $gateway/32 dev eth0 scope link
            ip -n $pod route add default via $gateway
            """;

    /// Beside those that this machine has.
    private static final List<String> ADDRESSES = List.of("192.0.2.55");

    private static final int ATTEMPTS = 15;

    private final PodNetwork network;
    private final Connections connections;
    private Population population = Population.EMPTY;
    private final NftTable router;
    private final NftTable machine;
    private final Path folder;
    private final Map<String, String> addresses = new LinkedHashMap<>();
    private final List<Process> programs = new ArrayList<>();

    TestPods(String letter, String subnet) throws IOException {
        Assumptions.assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "networks need root");
        network = new PodNetwork(
                PodNetwork.DEVICES + "-" + letter + ProcessHandle.current().pid(), subnet);
        folder = Files.createTempDirectory("insula-pods");
        Router.make(network);
        router = Router.table(network);
        machine = Router.machineTable(network);
        connections = new Connections(network);
    }

    PodNetwork network() {
        return network;
    }

    /// Has the kernel obey what follows from the cluster's state.
    void obey(ClusterState state) {
        Population now = Population.of(state);
        Ruleset rules = rules(state);
        machine.write(MachineRules.of(network, Doors.NONE, rules));
        router.write(rules);
        connections.forget(population, now);
        population = now;
    }

    Ruleset rules(ClusterState state) {
        var settings = new NetworkSettings(network, ADDRESSES, "cluster.local", _ -> Optional.empty());
        return RouterRules.of(
                state, Population.of(state), settings.alsoAt(Machine.addresses(network.device())), Doors.NONE);
    }

    /// @param name of one word; `web` answers `web` at ports 8080 and 8081
    /// @return its address
    String add(String name) throws IOException {
        int number = addresses.size();
        String first = network.firstPod();
        int last = Integer.parseInt(first.substring(first.lastIndexOf('.') + 1)) + number;
        String address = first.substring(0, first.lastIndexOf('.') + 1) + last;
        addresses.put(name, address);
        Shell.script(CABLE, network.device(), namespace(name), "pod" + number, address, network.gateway());
        Path pages = Files.createDirectories(folder.resolve(name));
        Files.writeString(pages.resolve("index.html"), name);
        for (String port : List.of("8080", "8081")) {
            start(name, "busybox", "httpd", "-f", "-p", port, "-h", pages.toString());
        }
        Patience.until(name + " to listen", () -> fetch(name, "127.0.0.1:8080").equals(name));
        return address;
    }

    String address(String name) {
        return Optional.ofNullable(addresses.get(name)).orElseThrow();
    }

    String namespace(String name) {
        return network.device() + "-" + name;
    }

    /// The page at an address, as a pod sees it; `refused` where it is told so, nothing where none comes
    /// however often it asks: packets are lost, and programs late, on a busy machine.
    String fetch(String pod, String target) {
        return fetch(inside(pod), target);
    }

    /// The same from a program of the machine.
    String fetchFromMachine(String target) {
        return fetch(List.of(), target);
    }

    /// The same, asked once, where nothing is expected.
    String glance(String pod, String target) {
        return once(inside(pod), target);
    }

    private static String fetch(List<String> enter, String target) {
        String page = "";
        for (int attempt = 0; attempt < ATTEMPTS && page.isEmpty(); attempt++) {
            page = once(enter, target);
        }
        return page;
    }

    private static String once(List<String> enter, String target) {
        var command = new ArrayList<>(enter);
        // not by wget's own -T, which a static busybox does not survive
        command.addAll(
                List.of("busybox", "timeout", "2", "busybox", "wget", "-q", "-O", "-", "http://" + target + "/"));
        try {
            return Shell.run("", command);
        } catch (NetworkException e) {
            return String.valueOf(e.getMessage()).contains("refused") ? "refused" : "";
        }
    }

    /// What a script in a pod says; also where it fails.
    String shell(String pod, String script) {
        var command = new ArrayList<>(inside(pod));
        command.addAll(List.of("busybox", "sh", "-c", "(" + script + ") 2>&1 || true"));
        return Shell.run("", command);
    }

    /// A program of the machine's in a pod's network.
    String run(String pod, String... command) {
        var all = new ArrayList<>(inside(pod));
        all.addAll(List.of(command));
        return Shell.run("", all);
    }

    Process start(String pod, String... command) throws IOException {
        return start(inside(pod), List.of(command));
    }

    private Process start(List<String> enter, List<String> command) throws IOException {
        Process program = new ProcessBuilder(
                        Stream.concat(enter.stream(), command.stream()).toList())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log-" + programs.size()).toFile())
                .start();
        programs.add(program);
        return program;
    }

    /// A server on all addresses of the machine.
    ///
    /// @return its port; it answers `machine`
    int startOnMachine() throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path pages = Files.createDirectories(folder.resolve("machine"));
        Files.writeString(pages.resolve("index.html"), "machine");
        start(List.of(), List.of("busybox", "httpd", "-f", "-p", String.valueOf(port), "-h", pages.toString()));
        Patience.until(
                "the machine to listen",
                () -> fetchFromMachine("127.0.0.1:" + port).equals("machine"));
        return port;
    }

    /// An address of the machine's own: nodes of other tests come and go with theirs.
    String lastingAddress() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(device -> !device.getName().startsWith(PodNetwork.DEVICES))
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                    .map(InetAddress::getHostAddress)
                    .findFirst()
                    .orElseThrow();
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where a program can leave what the test reads.
    Path file(String name) {
        return folder.resolve(name);
    }

    private List<String> inside(String pod) {
        return List.of("nsenter", "--net=/run/netns/" + namespace(pod));
    }

    @Override
    public void close() throws IOException {
        for (Process program : programs) {
            program.descendants().forEach(ProcessHandle::destroyForcibly);
            program.destroyForcibly().onExit().orTimeout(1, TimeUnit.MINUTES).join();
        }
        for (String name : addresses.keySet()) {
            Shell.run("", List.of("ip", "netns", "delete", namespace(name)));
        }
        Router.remove(network);
        Trees.delete(folder);
    }
}
