package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.insula.node.runtime.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What packets really do, in network namespaces of our own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServicesInKernelTest {

    private static final String PORT = "{clusterIP: 10.96.0.9, ports: [{name: http, port: 80}]}";
    private static final String CLUSTER_IP = "10.96.0.9:80";

    private TestPods pods;
    private String one;
    private String two;

    @BeforeAll
    void start() throws Exception {
        pods = new TestPods("s", "10.213.0.0/24");
        one = pods.add("one");
        two = pods.add("two");
        pods.add("client");
    }

    @AfterAll
    void stop() throws Exception {
        if (pods != null) {
            pods.close();
        }
    }

    private void serve(Service service, String... endpoints) {
        serve(List.of(service), List.of(Objects.slice("web", endpoints)));
    }

    private void serve(List<Service> services, List<EndpointSlice> slices) {
        pods.obey(state(services, slices));
    }

    private ClusterState state(List<Service> services, List<EndpointSlice> slices) {
        return Objects.state(
                services,
                slices,
                Objects.pod("shop", "one", one, "{}"),
                Objects.pod("shop", "two", two, "{}"),
                Objects.pod("shop", "client", pods.address("client"), "{}"));
    }

    private Set<String> seen(String client, String target, int times) {
        var seen = new TreeSet<String>();
        for (int i = 0; i < times; i++) {
            seen.add(pods.fetch(client, target));
        }
        return seen;
    }

    @Test
    void leadsToAllEndpointsAndFollowsThem() {
        var service = Objects.service("web", PORT);
        serve(service, one, two);
        assertThat(seen("client", CLUSTER_IP, 40)).containsExactly("one", "two");
        serve(service, two);
        assertThat(seen("client", CLUSTER_IP, 20)).containsExactly("two");
        assertThat(pods.fetch("client", "10.96.0.9:81"))
                .as("a port that it has not")
                .isEqualTo("refused");
        serve(service);
        assertThat(seen("client", CLUSTER_IP, 1)).containsExactly("refused");
        serve(List.of(), List.of());
        assertThat(pods.glance("client", CLUSTER_IP)).isEmpty();
    }

    /// The pod sees a client that is not itself, or it would not answer.
    @Test
    void leadsAPodToItself() {
        serve(Objects.service("web", PORT), one);
        assertThat(pods.fetch("one", CLUSTER_IP)).isEqualTo("one");
    }

    @Test
    void keepsAClientAtItsEndpoint() {
        String spec = "{clusterIP: 10.96.0.9, sessionAffinity: ClientIP, ports: [{name: http, port: 80}]}";
        serve(Objects.service("web", spec), one, two);
        Set<String> first = seen("client", CLUSTER_IP, 20);
        assertThat(first).hasSize(1);
        // also while another comes and goes; and not beyond the endpoint's end
        serve(Objects.service("web", spec), one, two, pods.address("client"));
        assertThat(seen("client", CLUSTER_IP, 10)).isEqualTo(first);
        serve(Objects.service("web", spec), first.contains("one") ? two : one);
        assertThat(seen("client", CLUSTER_IP, 5)).containsExactly(first.contains("one") ? "two" : "one");
    }

    @Test
    void answersAtNodePortsToPodsAndToTheMachine() {
        String spec = "{type: NodePort, clusterIP: 10.96.0.9, ports: [{name: http, port: 80, nodePort: 30980}]}";
        serve(Objects.service("web", spec), one);
        assertThat(pods.fetch("two", "192.0.2.55:30980")).isEqualTo("one");
        assertThat(pods.fetch("two", pods.network().router() + ":30980")).isEqualTo("one");
        // the node's own, as a Node object tells it
        assertThat(pods.fetch("two", pods.network().machine() + ":30980")).isEqualTo("one");
        assertThat(pods.fetchFromMachine(pods.network().router() + ":30980")).isEqualTo("one");
        String own = pods.lastingAddress();
        assertThat(pods.fetchFromMachine(own + ":30980")).isEqualTo("one");
        serve(Objects.service("web", spec));
        assertThat(pods.fetch("two", "192.0.2.55:30980")).isEqualTo("refused");
        assertThat(pods.fetch("two", pods.network().machine() + ":30980")).isEqualTo("refused");
        assertThat(pods.fetchFromMachine(pods.network().router() + ":30980")).isEqualTo("refused");
    }

    /// Also where another pod, and a Service, want the same.
    @Test
    void leadsHostPortsToTheirPods() {
        Pod first = withHostPort("one", one, 30981);
        Pod second = withHostPort("two", two, 30981);
        Pod client = Objects.pod("shop", "client", pods.address("client"), "{}");
        pods.obey(Objects.state(List.of(), List.of(), first, second, client));
        String own = pods.lastingAddress();
        assertThat(pods.fetchFromMachine(own + ":30981")).isEqualTo("one");
        assertThat(pods.fetch("client", "192.0.2.55:30981")).isEqualTo("one");

        first.getStatus().setPhase("Succeeded");
        pods.obey(Objects.state(List.of(), List.of(), first, second, client));
        assertThat(pods.fetchFromMachine(own + ":30981")).isEqualTo("two");

        String spec = "{type: NodePort, clusterIP: 10.96.0.9, ports: [{name: http, port: 80, nodePort: 30981}]}";
        pods.obey(Objects.state(
                List.of(Objects.service("web", spec)),
                List.of(Objects.slice("web", pods.address("client"))),
                client,
                second));
        assertThat(pods.fetchFromMachine(own + ":30981")).isEqualTo("client");
        pods.obey(Objects.state(List.of(), List.of(), first, client));
        assertThat(pods.glance("client", "192.0.2.55:30981")).doesNotContain("one", "two");
    }

    private static Pod withHostPort(String name, String address, int port) {
        Pod pod = Objects.pod("shop", name, address, "{}");
        pod.getSpec().getContainers().getFirst().getPorts().getFirst().setHostPort(port);
        return pod;
    }

    @Test
    void answersAtExternalAddresses() {
        serve(
                Objects.service(
                        "web", "{clusterIP: 10.96.0.9, externalIPs: [198.51.100.7], ports: [{name: http, port: 80}]}"),
                one);
        assertThat(pods.fetch("two", "198.51.100.7:80")).isEqualTo("one");
    }

    @Test
    void leadsDatagrams() throws Exception {
        pods.start("one", UdpPeer.answering(5353, "told"));
        serve(Objects.service("web", "{clusterIP: 10.96.0.9, ports: [{name: dns, port: 53, protocol: UDP}]}"), one);
        Patience.until(
                "an answer",
                () -> pods.run("client", UdpPeer.asking("10.96.0.9", 53)).equals("told"));
    }

    /// What another run left is replaced, also what it would not have written itself.
    @Test
    void replacesWhatAKilledRunLeft() throws Exception {
        Shell.run(
                "add table ip insula\nadd chain ip insula stale { type filter hook forward priority 0; policy drop; }\n",
                List.of("nsenter", "--net=" + Router.namespace(pods.network()), "nft", "-f", "-"));
        var fresh = Router.table(pods.network());
        var state = state(List.of(Objects.service("web", PORT)), List.of(Objects.slice("web", one)));
        assertThat(fresh.write(pods.rules(state))).isTrue();
        assertThat(pods.fetch("client", CLUSTER_IP)).isEqualTo("one");
        // the other knows nothing of it, and replaces it in turn
        serve(Objects.service("web", PORT), two);
        assertThat(pods.fetch("client", CLUSTER_IP)).isEqualTo("two");
    }

    @Test
    void takesOneChangeAmongThousandServices() {
        List<Service> services = new ArrayList<>(Objects.services(1000));
        List<EndpointSlice> slices = new ArrayList<>(services.stream()
                .map(s -> Objects.slice(
                        s.getMetadata().getName(),
                        Stream.iterate(1, i -> i + 1)
                                .limit(10)
                                .map(i -> "10.213.0." + (i + 100))
                                .toArray(String[]::new)))
                .toList());
        serve(services, slices);
        slices.set(7, Objects.slice("s7", one));
        serve(services, slices);
        assertThat(pods.fetch("client", services.get(7).getSpec().getClusterIP() + ":80"))
                .isEqualTo("one");
    }
}
