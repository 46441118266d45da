package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.insula.isolation.Serving.Host;
import io.insula.isolation.Serving.NotServed;
import io.insula.isolation.Serving.Served;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ServingTest {

    private static final Node PLAIN = node("plain", Map.of());
    private static final Node METAL = node("metal", Map.of("insula.io/node-pool", "bare-metal"));
    private static final Node VIRT = node("virt", Map.of("kubevirt.io/schedulable", "true"));
    private static final Node SANDBOXED = node("sandboxed", Map.of("insula.io/runtime-runsc", "true"));
    private static final Node FENCED = tainted("fenced", "dedicated");
    private static final Node UNWELL = tainted("unwell", "node.kubernetes.io/not-ready");

    private static Host host(boolean machines, List<RuntimeClass> runtimeClasses, List<Node> nodes) {
        return new Host(machines, runtimeClasses, List.of(), nodes);
    }

    record Case(String name, String profile, Host host, Serving want) {
        @Override
        public String toString() {
            return profile + ": " + name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "every node that nobody fenced off",
                        "runc",
                        host(false, List.of(), List.of(UNWELL, PLAIN, FENCED, METAL)),
                        new Served(List.of("metal", "plain", "unwell"))),
                new Case(
                        "no nodes",
                        "runc",
                        host(true, List.of(), List.of()),
                        new NotServed("NoNodes", "no node of the shared cluster can run its pods; it has no nodes")),
                new Case(
                        "no RuntimeClass",
                        "kata",
                        host(true, List.of(runtimeClass("other", Map.of())), List.of(METAL)),
                        new NotServed(
                                "SandboxMissing",
                                "the shared cluster has no RuntimeClass \"kata\": install the sandbox there")),
                new Case(
                        "the profile's pool",
                        "kata",
                        host(false, List.of(runtimeClass("kata", Map.of())), List.of(PLAIN, METAL)),
                        new Served(List.of("metal"))),
                new Case(
                        "no node in the profile's pool",
                        "kata",
                        host(false, List.of(runtimeClass("kata", Map.of())), List.of(PLAIN)),
                        new NotServed(
                                "NoNodes",
                                "no node of the shared cluster can run its pods: they ask for the labels"
                                        + " insula.io/node-pool=bare-metal")),
                new Case(
                        "where the RuntimeClass leads",
                        "gvisor",
                        host(
                                false,
                                List.of(runtimeClass("gvisor", Map.of("insula.io/runtime-runsc", "true"))),
                                List.of(PLAIN, SANDBOXED)),
                        new Served(List.of("sandboxed"))),
                new Case(
                        "no KubeVirt",
                        "kubevirt",
                        host(false, List.of(), List.of(VIRT)),
                        new NotServed("SandboxMissing", Serving.NO_MACHINES)),
                new Case(
                        "nodes of KubeVirt's",
                        "kubevirt",
                        host(
                                true,
                                List.of(),
                                List.of(
                                        PLAIN,
                                        node(
                                                "both",
                                                Map.of(
                                                        "insula.io/node-pool",
                                                        "bare-metal",
                                                        "kubevirt.io/schedulable",
                                                        "true")))),
                        new Served(List.of("both"))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tellsWhichNodesCanServeAProfile(Case each) {
        var sandbox = Beans.sandbox(each.profile());
        var settings = Beans.profiles()
                .settings(
                        each.profile(),
                        Map.of("sandbox", sandbox.wireName(), "nodePool", Map.of("selector", sandbox.nodes())));

        assertThat(Serving.of(settings, each.host())).isEqualTo(each.want());
    }

    private static Node node(String name, Map<String, String> labels) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build();
    }

    private static Node tainted(String name, String key) {
        return new NodeBuilder(node(name, Map.of()))
                .withNewSpec()
                .withTaints(new Taint("NoSchedule", key, null, ""))
                .endSpec()
                .build();
    }

    private static RuntimeClass runtimeClass(String name, Map<String, String> nodes) {
        return new RuntimeClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withHandler("h")
                .withNewScheduling()
                .withNodeSelector(nodes)
                .endScheduling()
                .build();
    }
}
