package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What network policies let through, in network namespaces of our own. Four pods: `front` and `back` in namespace
/// `shop`, `near` in `other` (label `zone: near`), `far` in `third`; each serves `http` at 8080 and `other` at 8081.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PoliciesInKernelTest {

    private TestPods pods;
    private final List<Pod> known = new ArrayList<>();

    /// @param ways `from to:port`, and after `!` those that are closed
    record Case(String name, List<String> policies, String ways) {
        static Case of(String name, String policy, String ways) {
            return new Case(name, List.of(policy), ways);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("none: all is open", List.of(), "front back:8080, far back:8081, back far:8080"),
                Case.of(
                        "ingress without rules closes",
                        "{podSelector: {matchLabels: {app: back}}}",
                        "back front:8080, front far:8080 ! front back:8080, far back:8080"),
                Case.of(
                        "an empty rule opens for all",
                        "{podSelector: {}, ingress: [{}]}",
                        "front back:8080, far back:8081"),
                Case.of(
                        "egress without rules closes, also by type alone",
                        "{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress]}",
                        "back front:8080, back far:8080 ! front back:8080, front far:8080"),
                Case.of(
                        "egress rules make the type, and close ingress too",
                        "{podSelector: {matchLabels: {app: front}}, egress: [{to: [{podSelector: {matchLabels: {app:"
                                + " back}}}]}]}",
                        "front back:8080 ! front far:8080, back front:8080"),
                Case.of(
                        "peers of the same namespace",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{podSelector: {}}]}]}",
                        "front back:8080, front back:8081 ! near back:8080, far back:8080"),
                Case.of(
                        "peers of chosen namespaces",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{namespaceSelector: {matchLabels:"
                                + " {zone: near}}}]}]}",
                        "near back:8080 ! front back:8080, far back:8080"),
                Case.of(
                        "peers chosen by namespace and pod",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{namespaceSelector: {}, podSelector:"
                                + " {matchExpressions: [{key: app, operator: In, values: [far, none]}]}}]}]}",
                        "far back:8080 ! front back:8080, near back:8080"),
                Case.of(
                        "a port",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{ports: [{port: 8081}]}]}",
                        "front back:8081, far back:8081 ! front back:8080"),
                Case.of(
                        "a range of ports",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{ports: [{port: 8000, endPort: 8080}]}]}",
                        "front back:8080 ! front back:8081"),
                Case.of(
                        "a port by name, coming in",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{ports: [{port: other}]}]}",
                        "front back:8081 ! front back:8080"),
                Case.of(
                        "a port by name, going out",
                        "{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{to:"
                                + " [{namespaceSelector: {}}], ports: [{port: other}]}]}",
                        "front back:8081, front far:8081 ! front back:8080"),
                Case.of(
                        "a protocol only",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{ports: [{protocol: UDP}]}]}",
                        "back front:8080 ! front back:8080"),
                Case.of(
                        "a block with a hole",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{ipBlock: {cidr: 10.213.2.0/24,"
                                + " except: [FRONT/32]}}]}]}",
                        "near back:8080, far back:8080 ! front back:8080"),
                Case.of(
                        "a block, going out",
                        "{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{to: [{ipBlock:"
                                + " {cidr: FAR/32}}], ports: [{port: 8080}]}]}",
                        "front far:8080 ! front far:8081, front back:8080"),
                new Case(
                        "several add up",
                        List.of(
                                "{podSelector: {}}",
                                "{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{podSelector: {matchLabels:"
                                        + " {app: front}}}]}]}",
                                "{podSelector: {matchLabels: {app: back}}, ingress: [{ports: [{port: 8081}]}]}"),
                        "front back:8080, far back:8081 ! far back:8080, back front:8080"),
                Case.of(
                        "peers and ports of one rule go together",
                        "{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{podSelector: {}}], ports: [{port:"
                                + " 8080}]}, {from: [{namespaceSelector: {matchLabels: {zone: near}}}], ports: [{port:"
                                + " 8081}]}]}",
                        "front back:8080, near back:8081 ! front back:8081, near back:8080"));
    }

    @BeforeAll
    void start() throws Exception {
        pods = new TestPods("p", "10.213.2.0/24");
        for (String pod : List.of("shop/front", "shop/back", "other/near", "third/far")) {
            String[] words = pod.split("/", -1);
            known.add(Objects.pod(words[0], words[1], pods.add(words[1]), "{app: " + words[1] + "}"));
        }
    }

    @AfterAll
    void stop() throws Exception {
        if (pods != null) {
            pods.close();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void letsThrough(Case given) {
        obey(given.policies());
        String[] ways = given.ways().split(" ! ", -1);
        for (String way : ways[0].split(", ", -1)) {
            assertThat(fetch(way)).as(way).isEqualTo(way.replaceAll(".* |:.*", ""));
        }
        if (ways.length > 1) {
            for (String way : ways[1].split(", ", -1)) {
                assertThat(glance(way)).as(way + ", closed").isEmpty();
            }
        }
    }

    private void obey(List<String> specs) {
        var policies = new ArrayList<NetworkPolicy>();
        for (String spec : specs) {
            String text = spec.replace("FRONT", pods.address("front")).replace("FAR", pods.address("far"));
            policies.add(Objects.policy("shop", "p" + policies.size(), false, text));
        }
        pods.obey(new ClusterState(
                List.of(),
                List.of(),
                List.of(
                        Objects.namespace("shop", "", "{}"),
                        Objects.namespace("other", "", "{zone: near}"),
                        Objects.namespace("third", "", "{}")),
                known,
                List.of(),
                policies));
    }

    private String glance(String way) {
        String[] words = way.split("[ :]", -1);
        return pods.glance(words[0], pods.address(words[1]) + ":" + words[2]);
    }

    /// @param way `from to:port`
    private String fetch(String way) {
        String[] words = way.split("[ :]", -1);
        return pods.fetch(words[0], pods.address(words[1]) + ":" + words[2]);
    }
}
