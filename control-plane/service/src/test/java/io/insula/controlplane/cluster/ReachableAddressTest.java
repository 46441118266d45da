package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.rules.network.AddressBlock;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReachableAddressTest {

    @Test
    void isTheAddressListenedOn() {
        assertThat(ReachableAddress.of("192.0.2.7")).contains("192.0.2.7");
        assertThat(ReachableAddress.of("2001:db8::7")).contains("2001:db8::7");
    }

    /// A machine without a network has none, and no pods either.
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.1.1", "0.0.0.0", "localhost", "::", "::1"})
    void isTheMachinesWhereNoPodCouldDialTheOneListenedOn(String listen) throws SocketException {
        boolean hasNetwork = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(address -> address instanceof Inet4Address
                        && !address.isLoopbackAddress()
                        && !address.isLinkLocalAddress());

        assertThat(ReachableAddress.of(listen).isPresent()).isEqualTo(hasNetwork);
        assertThat(ReachableAddress.of(listen).stream())
                .noneMatch(address -> AddressBlock.of("127.0.0.0/8").covers(AddressBlock.of(address + "/32")));
    }
}
