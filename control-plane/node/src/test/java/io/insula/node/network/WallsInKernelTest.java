package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.insula.node.machine.Machine;
import io.insula.node.runtime.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Attacks from inside of pods, with all that root in a pod may do, in network namespaces of our own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WallsInKernelTest {

    private static final String EVERYBODY =
            "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}";

    private static final Pattern ANSWER = Pattern.compile("bytes from (\\S+): ");

    private TestPods pods;
    private int port;
    private final List<Pod> known = new ArrayList<>();

    @BeforeAll
    void start() throws Exception {
        pods = new TestPods("w", "10.213.1.0/24");
        for (String name : List.of("a1", "a2")) {
            known.add(Objects.pod("insula-acme", name, pods.add(name), "{}"));
        }
        for (String name : List.of("g1", "g2")) {
            known.add(Objects.pod("insula-globex", name, pods.add(name), "{}"));
        }
        known.add(Objects.pod("platform", "h1", pods.add("h1"), "{}"));
        pods.add("stranger");
        port = pods.startOnMachine();
    }

    @AfterAll
    void stop() throws Exception {
        if (pods != null) {
            pods.close();
        }
    }

    @BeforeEach
    void wall() {
        obey(List.of(), List.of(), List.of());
    }

    private void obey(List<NetworkPolicy> policies, List<Service> services, List<EndpointSlice> slices) {
        pods.obey(new ClusterState(
                services,
                slices,
                List.of(
                        Objects.namespace("insula-acme", "acme", "{}"),
                        Objects.namespace("insula-globex", "globex", "{}"),
                        Objects.namespace("platform", "", "{}")),
                known,
                List.of(),
                policies));
    }

    private String glance(String from, String to) {
        return pods.glance(from, pods.address(to) + ":8080");
    }

    private String fetch(String from, String to) {
        return pods.fetch(from, pods.address(to) + ":8080");
    }

    @Test
    void keepsTenantsApartAndEachTogether() {
        assertThat(fetch("a1", "a2")).isEqualTo("a2");
        assertThat(fetch("g1", "g2")).isEqualTo("g2");
        assertThat(glance("a1", "g1")).isEmpty();
        assertThat(glance("g1", "a1")).isEmpty();
        assertThat(glance("a1", "h1")).as("a pod of the host's").isEmpty();
        assertThat(glance("h1", "a1")).as("from a pod of the host's").isEmpty();
    }

    @Test
    void keepsWhatItDoesNotKnowFromEverything() {
        assertThat(glance("stranger", "a1")).isEmpty();
        assertThat(glance("stranger", "h1")).isEmpty();
        assertThat(glance("h1", "stranger")).isEmpty();
    }

    @Test
    void letsTheMachineAskHowItsPodsAre() {
        assertThat(pods.fetchFromMachine(pods.address("a1") + ":8080")).isEqualTo("a1");
    }

    /// Nodes of other tests come and go meanwhile with theirs.
    @Test
    void hidesTheMachine() {
        List<String> all = Machine.addresses("none");
        assertThat(all).contains(pods.network().machine());
        for (String address : all) {
            String attacked = address + ":" + port;
            String server = pods.fetchFromMachine(attacked);
            List<String> seen = Stream.of("a1", "h1")
                    .map(from -> pods.glance(from, attacked))
                    .toList();
            if (address.equals(pods.network().machine())
                    || Machine.addresses("none").contains(address)) {
                assertThat(server).as("the attacked server at " + address).isEqualTo("machine");
                assertThat(seen).as("to " + address).containsOnly("");
            }
        }
        for (String router : List.of(pods.network().gateway(), pods.network().router())) {
            assertThat(pods.shell("a1", "ping -c 1 -W 1 " + router)).contains("100% packet loss");
        }
    }

    /// Not by what every kernel has at its own address either, which it would deny itself.
    @Test
    void hidesLoopback() {
        pods.shell("a1", "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet");
        pods.run(
                "a1",
                "ip",
                "route",
                "replace",
                "127.9.9.9/32",
                "via",
                pods.network().gateway());
        assertThat(pods.fetchFromMachine("127.9.9.9:" + port)).isEqualTo("machine");
        assertThat(pods.glance("a1", "127.9.9.9:" + port)).isEmpty();
    }

    @Test
    void hidesMetadataAtLinkLocalAddresses() {
        Shell.run(
                "",
                List.of(
                        "ip",
                        "address",
                        "replace",
                        "169.254.169.254/32",
                        "dev",
                        pods.network().device()));
        assertThat(pods.fetchFromMachine("169.254.169.254:" + port)).isEqualTo("machine");
        assertThat(pods.glance("a1", "169.254.169.254:" + port)).isEmpty();
    }

    @Test
    void opensToTheHostsAdministratorsOnly() {
        var of = Objects.policy("insula-acme", "of", false, EVERYBODY);
        var to = Objects.policy("insula-globex", "to", false, EVERYBODY);
        obey(List.of(of), List.of(), List.of());
        assertThat(glance("a1", "g1")).as("only one side opened").isEmpty();
        obey(List.of(of, to), List.of(), List.of());
        assertThat(fetch("a1", "g1")).isEqualTo("g1");

        String all = "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}},"
                + " {namespaceSelector: {}}]}], egress: [{}]}";
        obey(
                List.of(
                        Objects.policy("insula-acme", "of", true, all),
                        Objects.policy("insula-globex", "to", true, all)),
                List.of(),
                List.of());
        assertThat(glance("a1", "g1")).as("tenants' own policies").isEmpty();
        assertThat(fetch("a1", "a2")).isEqualTo("a2");
    }

    /// As CVE-2021-25740: a Service whose endpoints are somebody else's, by each way that leads to it.
    @Test
    void leadsNobodyThroughTheWallByAService() {
        var service = Objects.service(
                "web",
                "{type: NodePort, clusterIP: 10.96.0.9, externalIPs: [198.51.100.8], ports: [{name: http, port: 80,"
                        + " nodePort: 30991}]}");
        obey(List.of(), List.of(service), List.of(Objects.slice("web", pods.address("g1"))));
        assertThat(pods.fetch("g2", "10.96.0.9:80")).as("the Service works").isEqualTo("g1");
        for (String way : List.of(
                "10.96.0.9:80",
                "198.51.100.8:80",
                pods.network().router() + ":30991",
                pods.network().machine() + ":30991")) {
            assertThat(pods.glance("a1", way)).as(way).isEmpty();
        }
        String machine = pods.lastingAddress();
        obey(List.of(), List.of(service), List.of(sliceTo(machine, port)));
        assertThat(pods.glance("a1", "10.96.0.9:80")).as("to the machine").isEmpty();
        obey(List.of(), List.of(service), List.of(sliceTo("169.254.169.254", port)));
        assertThat(pods.glance("a1", "10.96.0.9:80")).as("to metadata").isEmpty();
    }

    private static EndpointSlice sliceTo(String address, int port) {
        EndpointSlice slice = Objects.slice("web", address);
        slice.getPorts().getFirst().setPort(port);
        return slice;
    }

    /// A pod that takes another's address is heard by nobody; nor does it hear what is for that one.
    @Test
    void letsNobodyHaveAnothersAddress() throws Exception {
        pods.start("g1", UdpPeer.recording(5400, pods.file("heard")));
        pods.run("a2", "ip", "address", "add", pods.address("g2") + "/32", "dev", "eth0");
        pods.run("a2", "ip", "address", "add", pods.network().machine() + "/32", "dev", "eth0");
        pods.run("a2", "ip", "address", "add", pods.network().gateway() + "/32", "dev", "lo");
        Patience.until("the listener", () -> {
            pods.run("g2", UdpPeer.sending(pods.address("g2"), pods.address("g1"), 5400, "from its owner"));
            return heard("heard").contains("from its owner");
        });
        for (String taken : List.of(
                pods.address("g2"), pods.network().machine(), pods.network().gateway())) {
            pods.run("a2", UdpPeer.sending(taken, pods.address("g1"), 5400, "from a thief of " + taken));
        }
        // behind these, on the same way
        pods.run("g2", UdpPeer.sending(pods.address("g2"), pods.address("g1"), 5400, "the end"));
        Patience.until("the end", () -> heard("heard").contains("the end"));
        assertThat(heard("heard")).doesNotContain("thief");
        assertThat(fetch("g1", "g2")).isEqualTo("g2");
        for (String taken : List.of(pods.address("g2"), pods.network().machine())) {
            pods.run("a2", "ip", "address", "del", taken + "/32", "dev", "eth0");
        }
        pods.run("a2", "ip", "address", "del", pods.network().gateway() + "/32", "dev", "lo");
    }

    @Test
    void hasNoOtherWayThanIpv4() {
        for (String to : List.of("g1", "a2", "h1")) {
            assertThat(pods.shell("a1", "arping -c 1 -w 1 -I eth0 " + pods.address(to)))
                    .contains("Received 0 resp");
        }
        String far = pods.run("g1", "ip", "-6", "-br", "address", "show", "dev", "eth0");
        Optional<String> linkLocal = Stream.of(far.split("\\s+", -1))
                .filter(word -> word.startsWith("fe80"))
                .map(word -> word.replaceFirst("/.*", ""))
                .findFirst();
        for (String target : Stream.concat(linkLocal.stream(), Stream.of("ff02::1", "ff02::2"))
                .toList()) {
            String said = pods.shell("a1", "ping6 -c 1 -W 1 -I eth0 " + target);
            assertThat(ANSWER.matcher(said).results().map(answer -> answer.group(1)))
                    .as("who but itself answers at %s: %s", target, said)
                    .allMatch(own("a1")::equals);
        }
    }

    private String own(String pod) {
        return Stream.of(pods.run(pod, "ip", "-6", "-br", "address", "show", "dev", "eth0")
                        .split("\\s+", -1))
                .filter(word -> word.startsWith("fe80"))
                .map(word -> word.replaceFirst("/.*", ""))
                .findFirst()
                .orElse("no address of IPv6");
    }

    /// Its address is another tenant's now; who still sends to it is not heard by that one.
    @Test
    void forgetsConnectionsWithAddressesThatChangeHands() throws Exception {
        pods.start("a2", UdpPeer.recording(5401, pods.file("heard-a2")));
        Process sender = pods.start("a1", UdpPeer.streaming(pods.address("a2"), 5401, "still here"));
        Patience.until("the first", () -> heard("heard-a2").contains("still here"));

        Pod before = known.get(1);
        known.set(1, Objects.pod("insula-globex", "g3", pods.address("a2"), "{}"));
        try {
            wall();
            String then = heard("heard-a2");
            pods.run("g1", UdpPeer.sending(pods.address("g1"), pods.address("a2"), 5401, "the end"));
            Patience.until("the end", () -> heard("heard-a2").contains("the end"));
            assertThat(sender.isAlive()).isTrue();
            assertThat(heard("heard-a2").substring(then.length())).doesNotContain("still here");
        } finally {
            known.set(1, before);
            sender.destroyForcibly();
        }
    }

    private String heard(String file) {
        try {
            return Files.readString(pods.file(file));
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
