package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Two nodes of one cluster on this machine, whatever its firewall says, and one of another cluster.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PeersInKernelTest {

    private TestPods one;
    private TestPods other;
    private TestPods foreign;
    private List<Pod> pods = List.of();
    private Pod stranger = new Pod();

    @BeforeAll
    void start() throws Exception {
        one = new TestPods("x", "10.213.20.0/24");
        other = new TestPods("y", "10.213.21.0/24");
        foreign = new TestPods("z", "10.213.22.0/24");
        pods = List.of(
                Objects.pod("insula-acme", "a1", one.add("a1"), "{}"),
                Objects.pod("insula-acme", "a2", other.add("a2"), "{}"),
                Objects.pod("insula-globex", "g2", other.add("g2"), "{}"));
        stranger = Objects.pod("insula-acme", "z1", foreign.add("z1"), "{}");
        ClusterState state = state(List.of(node(one), node(other)), pods);
        one.obey(state);
        other.obey(state);
        foreign.obey(state(List.of(node(foreign)), List.of(stranger)));
        new PeerCables(one.network()).lay(PeerCables.peers(state, one.network()));
        // the other side comes to it too
        new PeerCables(other.network()).lay(PeerCables.peers(state, other.network()));
    }

    @AfterAll
    void stop() throws Exception {
        for (TestPods each : List.of(one, other, foreign)) {
            if (each != null) {
                each.close();
            }
        }
    }

    @Test
    void podsOfATenantReachEachOtherFromNodeToNode() {
        assertThat(one.fetch("a1", other.address("a2") + ":8080")).isEqualTo("a2");
        assertThat(other.fetch("a2", one.address("a1") + ":8080")).isEqualTo("a1");
    }

    @Test
    void tenantsStayApartFromNodeToNode() {
        assertThat(one.glance("a1", other.address("g2") + ":8080")).isEmpty();
        assertThat(other.glance("g2", one.address("a1") + ":8080")).isEmpty();
    }

    /// A node that says of itself that it has a foreign cluster's network gets a cable, and no further.
    @Test
    void whoLaysACableToAForeignNodeReachesNothing() {
        new PeerCables(one.network()).lay(List.of(foreign.network()));

        assertThat(one.glance("a1", foreign.address("z1") + ":8080")).isEmpty();
        assertThat(foreign.glance("z1", one.address("a1") + ":8080")).isEmpty();
        assertThat(other.fetch("a2", one.address("a1") + ":8080")).isEqualTo("a1");
    }

    @Test
    void takesNoNetworkThatIsNone() {
        Node own = node(one);
        Node odd = node(other);
        odd.getMetadata().getLabels().put(PodNetwork.LABEL, "insula/../../x");
        Node elsewhere = node(foreign);
        elsewhere.getMetadata().getLabels().put(PodNetwork.LABEL, "docker0");
        Node overlapping = node(foreign);
        overlapping.getSpec().setPodCIDR("10.213.0.0/16");

        assertThat(PeerCables.peers(
                        state(List.of(own, odd, elsewhere, overlapping, node(other)), List.of()), one.network()))
                .containsExactly(other.network());
    }

    private static Node node(TestPods pods) {
        return Objects.of(Node.class, """
                metadata: {name: %1$s, labels: {insula.io/pod-network: %1$s}}
                spec: {podCIDR: %2$s}
                """.formatted(
                        pods.network().device(), pods.network().subnet()));
    }

    private static ClusterState state(List<Node> nodes, List<Pod> pods) {
        return new ClusterState(
                List.of(),
                List.of(),
                List.of(
                        Objects.namespace("insula-acme", "acme", "{}"),
                        Objects.namespace("insula-globex", "globex", "{}")),
                pods,
                nodes,
                List.of());
    }
}
