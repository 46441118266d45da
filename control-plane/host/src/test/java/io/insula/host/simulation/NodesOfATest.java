package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.await;

import io.insula.host.scheduler.Scheduler;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.view.Condition;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A cluster whose pods run.
public final class NodesOfATest {

    private NodesOfATest() {}

    /// A scheduler, and nodes that take ten milliseconds for each step of a pod's life.
    public static RealCluster cluster(int count) {
        var cluster = RealCluster.withoutNodes(Clock.systemUTC(), controllers(count));
        await(
                "ready nodes",
                () -> cluster.list(Resources.NODES, "").stream()
                                .filter(node -> Condition.isTrue(node, "Ready"))
                                .filter(node -> node.path("spec").path("taints").isEmpty())
                                .count()
                        == count);
        return cluster;
    }

    /// The scheduler and such nodes, for a server of one's own.
    public static List<ControllerFactory> controllers(int count) {
        var all = new ArrayList<ControllerFactory>();
        all.add(Scheduler.factory());
        all.addAll(SimulatedNodes.controllers(List.of(NodePool.bareMetal(count)), Duration.ofMillis(10)));
        return all;
    }
}
