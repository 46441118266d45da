package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class RouterTest {

    /// Two nodes of different clusters on one machine: to either the other's pods are neither its own nor
    /// the world.
    @Test
    void keepsPodsFromThoseOfAnotherNodeOfThisMachine() throws Exception {
        try (var ours = new TestPods("q", "10.213.10.0/24");
                var others = new TestPods("p", "10.213.11.0/24")) {
            Pod attacker = Objects.pod("insula-acme", "a1", ours.add("a1"), "{}");
            Pod victim = Objects.pod("insula-globex", "g1", others.add("g1"), "{}");
            ours.obey(state(List.of(attacker)));
            others.obey(state(List.of(victim)));
            assertThat(others.fetchFromMachine(others.address("g1") + ":8080")).isEqualTo("g1");

            assertThat(ours.glance("a1", others.address("g1") + ":8080")).isEmpty();
            assertThat(ours.glance("a1", others.network().router() + ":8080")).isEmpty();
        }
    }

    /// Found by trying, on a machine that is a namespace of the test's: its firewall drops what it
    /// forwards, as Docker's does, until somebody does as we say.
    @Test
    void saysWhetherTheMachineLetsPodsOut() {
        Assumptions.assumeTrue(isRoot(), "networks need root");
        long pid = ProcessHandle.current().pid();
        String machine = "insula-m" + pid;
        var pods = new PodNetwork("insula-n" + pid, "10.213.12.0/24");
        List<String> enter = List.of("nsenter", "--net=/run/netns/" + machine);
        Shell.script("ip netns add $1; ip -n $1 link set lo up", machine);
        try {
            Router.make(pods, enter);
            Shell.script(enter, "echo 0 >/proc/sys/net/ipv4/ip_forward");
            assertThat(Forwarding.obstacle(pods, enter))
                    .hasValueSatisfying(why -> assertThat(why).contains("sysctl -w net.ipv4.ip_forward=1"));

            Shell.script(enter, "echo 1 >/proc/sys/net/ipv4/ip_forward");
            assertThat(Forwarding.obstacle(pods, enter)).isEmpty();

            Shell.script(enter, """
                    nft "
                    add table ip filter
                    add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }"
                    """);
            assertThat(Forwarding.obstacle(pods, enter))
                    .hasValueSatisfying(
                            why -> assertThat(why).contains("firewall", "-i " + pods.device() + " -j ACCEPT"));

            Shell.script(enter, """
                    nft "
                    insert rule ip filter FORWARD iifname $1 accept
                    insert rule ip filter FORWARD oifname $1 accept"
                    """, pods.device());
            assertThat(Forwarding.obstacle(pods, enter)).isEmpty();
            assertThat(Shell.script(enter, "ip -br link; ip route")).doesNotContain("world");
        } finally {
            Shell.script("ip netns delete $1 || true; ip netns delete $2", pods.device(), machine);
        }
    }

    private static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClusterState state(List<Pod> pods) {
        return new ClusterState(
                List.of(),
                List.of(),
                List.of(
                        Objects.namespace("insula-acme", "acme", "{}"),
                        Objects.namespace("insula-globex", "globex", "{}")),
                pods,
                List.of(),
                List.of());
    }

    /// As after a start of the machine, when pods may run before anybody has written their walls.
    @Test
    void forwardsNothingBeforeItsRulesAreThere() throws Exception {
        try (var pods = new TestPods("r", "10.213.9.0/24")) {
            List<Pod> known = List.of(
                    Objects.pod("insula-acme", "a1", pods.add("a1"), "{}"),
                    Objects.pod("insula-acme", "a2", pods.add("a2"), "{}"));
            assertThat(pods.glance("a1", pods.address("a2") + ":8080")).isEmpty();
            assertThat(pods.glance("a2", pods.address("a1") + ":8080")).isEmpty();

            pods.obey(state(known));
            assertThat(pods.fetch("a1", pods.address("a2") + ":8080")).isEqualTo("a2");

            // another start keeps the rules of the one before
            Router.make(pods.network());
            assertThat(pods.fetch("a1", pods.address("a2") + ":8080")).isEqualTo("a2");
        }
    }
}
