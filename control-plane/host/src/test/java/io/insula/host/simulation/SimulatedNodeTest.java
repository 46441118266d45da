package io.insula.host.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.ReservedBlocks;
import io.insula.tenantapi.api.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimulatedNodeTest {

    /// Else a call meant for a simulated pod could reach something real.
    @Test
    void allHaveAddressesOfTheirOwnThatNobodyRoutes() {
        var pods = new ArrayList<AddressBlock>();
        var own = new ArrayList<AddressBlock>();
        for (SimulatedNode node : nodes(SimulatedNode.MOST)) {
            pods.add(AddressBlock.of(node.podNetwork() + "0/24"));
            own.add(AddressBlock.of(node.hostIp() + "/32"));
        }

        assertThat(pods).doesNotHaveDuplicates().allMatch(ReservedBlocks.SIMULATED::covers);
        assertThat(own).doesNotHaveDuplicates().allMatch(ReservedBlocks.SIMULATED::covers);
        assertThat(own).allMatch(address -> pods.stream().noneMatch(block -> block.covers(address)));
    }

    @Test
    void areNoMoreThanThereAreAddressesFor() {
        assertThatThrownBy(() -> nodes(SimulatedNode.MOST + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nodes: 509 (expected: at most 508)");
    }

    /// Whoever reads a port there dials it, and somebody else may answer.
    @Test
    void serveNowhere() {
        ObjectNode before = Json.object();
        before.putObject("daemonEndpoints").putObject("kubeletEndpoint").put("Port", 10250);

        assertThat(nodes(1).getFirst().status(before, Instant.EPOCH).has("daemonEndpoints"))
                .isFalse();
    }

    private static List<SimulatedNode> nodes(int count) {
        return SimulatedNode.of(IntStream.range(0, (count + 199) / 200)
                .mapToObj(pool -> NodePool.virtual(Math.min(200, count - pool * 200)))
                .toList());
    }
}
