package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.Patience;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pods that were bound by hand, past the scheduler, to a node that does not take them.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RejectionsTest {

    /// All processors of the node, and a port of it.
    private static final String FILLING = """
            {nodeName: choosy, restartPolicy: Never, containers: [{name: main, image: IMAGE, command: ["true"],
             ports: [{containerPort: 80, hostPort: 80}], resources: {requests: {cpu: '2'}}}]}
            """;

    private final TestNode node;

    RejectionsTest(OwnContainerd containerd) throws Exception {
        node = new TestNode("choosy", containerd, UnaryOperator.identity());
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @Test
    void failsWhatDoesNotFitAndLeavesNothingOfIt() {
        node.create("big", """
                {nodeName: choosy, containers: [{name: main, image: IMAGE, resources: {requests: {cpu: '3'}}}]}
                """);
        Pod big = node.awaitPhase("big", "Failed");
        assertThat(big.getStatus().getReason()).isEqualTo("OutOfcpu");
        assertThat(big.getStatus().getMessage())
                .isEqualTo(
                        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000");
        assertThat(node.events("big"))
                .contains("OutOfcpu: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000");
        assertThat(node.containerd().runtime().sandboxes())
                .noneMatch(s -> s.name().uid().equals(big.getMetadata().getUid()));

        node.client().resource(big).delete();
        Patience.until(
                "the pod to go",
                () -> node.client()
                                .pods()
                                .inNamespace(TestNode.NAMESPACE)
                                .withName("big")
                                .get()
                        == null);
    }

    @Test
    void failsWhatTheMachineMustNotBeSetTo() {
        node.create("odd", """
                {securityContext: {sysctls: [{name: kernel.msgmax, value: '65536'}]}, containers: [{name: main, image: IMAGE}]}
                """);
        assertThat(node.awaitPhase("odd", "Failed").getStatus().getReason()).isEqualTo("SysctlForbidden");

        node.create("safe", """
                {restartPolicy: Never, securityContext: {sysctls: [{name: net/ipv4/ip_unprivileged_port_start, value: '77'}]},
                 containers: [{name: main, image: IMAGE, command: [cat, /proc/sys/net/ipv4/ip_unprivileged_port_start]}]}
                """);
        node.awaitPhase("safe", "Succeeded");
        assertThat(node.log("safe", "main")).isEqualTo("77");
    }

    /// Who sees that a pod has ended sends the next one at once, as a scheduler does.
    @Test
    void takesTheNextAsSoonAsItTellsOfAnEnd() {
        var next = new CompletableFuture<Pod>();
        try (Watch _ = node.client()
                .pods()
                .inNamespace(TestNode.NAMESPACE)
                .withName("before")
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Pod pod) {
                        if ("Succeeded".equals(pod.getStatus().getPhase()) && !next.isDone()) {
                            next.complete(node.create("after", FILLING));
                        }
                    }

                    @Override
                    public void onClose(WatcherException cause) {
                        next.completeExceptionally(cause);
                    }
                })) {
            node.create("before", FILLING);
            Patience.until("the end of the first", next::isDone);
        }
        assertThat(node.awaitPhase("after", "Succeeded").getMetadata().getUid())
                .isEqualTo(next.join().getMetadata().getUid());
        assertThat(node.get("before").getStatus().getPhase()).isEqualTo("Succeeded");
    }
}
