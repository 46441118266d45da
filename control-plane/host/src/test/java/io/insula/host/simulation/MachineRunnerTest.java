package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.host.scheduler.Scheduler;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.FakeApi;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MachineRunnerTest {

    private final ManagerFixture host = new ManagerFixture(factories());

    private static List<ControllerFactory> factories() {
        var all = new ArrayList<ControllerFactory>();
        all.add(Scheduler.factory());
        all.addAll(
                SimulatedNodes.controllers(List.of(NodePool.bareMetal(1), NodePool.virtual(1)), Duration.ofMillis(10)));
        return all;
    }

    @BeforeEach
    void serveMachines() {
        // installed only after the controllers have started, as a CRD is
        host.api.serve(MachineRunner.MACHINES, "VirtualMachineInstance", true);
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void runsAMachineInALauncherOnANodeForMachinesAndEndsIt() {
        host.create(
                MachineRunner.MACHINES,
                "default",
                "{apiVersion: kubevirt.io/v1, kind: VirtualMachineInstance, metadata: {name: db, labels: {app: db}}, spec:"
                        + " {domain: {resources: {requests: {cpu: '2', memory: 4Gi}}}}}");
        await(
                "a running machine",
                () -> host.get(MachineRunner.MACHINES, "default", "db")
                        .at("/status/phase")
                        .asText()
                        .equals("Running"));
        var machine = host.get(MachineRunner.MACHINES, "default", "db");
        assertThat(machine.at("/status/nodeName").asText()).isEqualTo("bare-metal-0");
        assertThat(machine.at("/status/interfaces/0/ipAddress").asText()).startsWith("198.18.");
        assertThat(Condition.isTrue(machine, "Ready")).isTrue();
        assertThat(host.list(Resources.PODS, "default"))
                .singleElement()
                .satisfies(pod -> assertThat(Meta.labels(pod)).containsEntry("app", "db"));

        host.api.delete(MachineRunner.MACHINES, "default", "db", FakeApi.options());
        await("the machine to go", () -> !host.has(MachineRunner.MACHINES, "default", "db"));
        assertThat(host.list(Resources.PODS, "default")).isEmpty();
    }

    @Test
    void saysWhyNoNodeTakesAMachine() {
        host.create(
                MachineRunner.MACHINES,
                "default",
                "{apiVersion: kubevirt.io/v1, kind: VirtualMachineInstance, metadata: {name: db}, spec:"
                        + " {nodeSelector: {disk: ssd}, domain: {resources: {requests: {cpu: '2', memory: 4Gi}}}}}");
        await(
                "the scheduler's words",
                () -> Condition.of(host.get(MachineRunner.MACHINES, "default", "db"), "PodScheduled")
                        .message()
                        .contains("2 node(s) didn't match Pod's node affinity/selector"));
        var machine = host.get(MachineRunner.MACHINES, "default", "db");
        assertThat(machine.at("/status/phase").asText()).isEqualTo("Scheduling");
        assertThat(Condition.of(machine, "PodScheduled").reason()).isEqualTo("Unschedulable");
    }
}
