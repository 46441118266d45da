package io.insula.node.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineTest {

    @Test
    void readsThisMachine(@TempDir Path folder) throws IOException {
        assertThat(Machine.processors()).isPositive();
        assertThat(Machine.memoryBytes()).isGreaterThan(64L << 20);
        assertThat(Machine.diskBytes(folder)).isPositive();
        assertThat(Machine.name()).matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
        assertThat(Machine.routes("").stream().map(AddressBlock::prefix))
                .as("the default route is no block of addresses")
                .doesNotContain(0);
    }

    /// Each interface with an address has a route to its network; nodes of other tests come and go with theirs.
    @Test
    void knowsTheRoutesOfItsAddresses() throws IOException {
        List<AddressBlock> routes = Machine.routes("");
        assertThat(NetworkInterface.networkInterfaces()
                        .filter(MachineTest::isUp)
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(Inet4Address.class::isInstance)
                        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                        .limit(1))
                .allSatisfy(own -> assertThat(routes)
                        .anyMatch(block -> block.covers(
                                IpAddress.parse(own.getHostAddress()).orElseThrow())));
    }

    private static boolean isUp(NetworkInterface device) {
        try {
            return device.isUp() && !device.getName().startsWith("insula");
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void choosesAddressesThatLeadNowhereYet() {
        assertThat(Subnets.free(0, List.of())).contains("10.128.0.0/24");
        assertThat(Subnets.free(257, List.of())).contains("10.129.1.0/24");
        assertThat(Subnets.free(-1, List.of())).contains("10.191.255.0/24");
        assertThat(Subnets.free(5, blocks("10.128.5.16/28"))).as("a part of it").contains("10.128.6.0/24");
        assertThat(Subnets.free(5, blocks("10.128.0.0/9"))).as("all of them").isEmpty();
        assertThat(Subnets.free(-1, blocks("10.160.0.0/11", "172.17.0.0/16")))
                .as("on from the first after the last")
                .contains("10.128.0.0/24");
    }

    @Test
    void removesControlGroupsOfBothVersions(@TempDir Path folder) throws IOException {
        for (String group : List.of("cpu/insula-1/pod/a", "cpu/insula-2", "memory/insula-1", "unified/other")) {
            Files.createDirectories(folder.resolve(group));
        }
        Cgroups.removeEmpty(folder, "/insula-1");
        assertThat(folder.resolve("cpu/insula-1")).doesNotExist();
        assertThat(folder.resolve("memory/insula-1")).doesNotExist();
        assertThat(folder.resolve("cpu/insula-2")).exists();
        assertThat(folder.resolve("unified/other")).exists();

        Files.createFile(folder.resolve("cgroup.controllers"));
        Files.createDirectories(folder.resolve("insula-3/pod"));
        Cgroups.removeEmpty(folder, "/insula-3");
        assertThat(folder.resolve("insula-3")).doesNotExist();
    }

    @Test
    void leavesAControlGroupThatIsInUse(@TempDir Path folder) throws IOException {
        Path used = Files.createDirectories(folder.resolve("cpu/insula-1/used"));
        Files.createFile(used.resolve("in-use"));
        Files.createDirectories(folder.resolve("cpu/insula-1/empty"));
        Cgroups.removeEmpty(folder, "/insula-1");
        assertThat(used).exists();
        assertThat(folder.resolve("cpu/insula-1/empty")).doesNotExist();
    }

    private static List<AddressBlock> blocks(String... cidrs) {
        return IntStream.range(0, cidrs.length)
                .mapToObj(i -> AddressBlock.of(cidrs[i]))
                .toList();
    }
}
