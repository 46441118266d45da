package io.insula.tenantapi.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpNetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/12, 10.111.255.255, true",
        "10.96.0.0/12, 10.112.0.0, false",
        "10.96.3.4/16, 10.96.0.1, true",
        "0.0.0.0/0, 255.255.255.255, true",
        "10.96.0.0/12, 2001:db8::1, false",
        "2001:db8::/64, 2001:db8::ffff, true",
        "2001:db8::/64, 2001:db8:0:1::, false",
        "2001:db8::/64, 10.96.0.1, false",
        "2001:db8::/64, host.example, false",
    })
    void containsItsAddresses(String network, String address, boolean contained) {
        assertThat(IpNetwork.parse(network).orElseThrow().contains(address)).isEqualTo(contained);
    }

    @Test
    void containsNarrowerNetworks() {
        IpNetwork wide = IpNetwork.parse("10.96.0.0/12").orElseThrow();

        assertThat(wide.contains(IpNetwork.parse("10.97.0.0/16").orElseThrow())).isTrue();
        assertThat(wide.contains(wide)).isTrue();
        assertThat(IpNetwork.parse("10.97.0.0/16").orElseThrow().contains(wide)).isFalse();
        assertThat(wide.contains(IpNetwork.parse("2001:db8::/64").orElseThrow()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0/8",
                "300.0.0.0/8",
                "::/129",
                "g::/8",
                "a/b",
                "/8"
            })
    void readsNothingElse(String text) {
        assertThat(IpNetwork.parse(text)).isEmpty();
    }

    @Test
    void serviceRangesAreOfIpv4AndOfUsefulSize() {
        assertThat(Ipv4Range.usable("10.1.0.0/24")).hasToString("Optional[10.1.0.0/24]");
        for (String useless : new String[] {"10.1.0.0/31", "10.1.0.0/32", "0.0.0.0/0", "2001:db8::/64", "x"}) {
            assertThat(Ipv4Range.usable(useless)).as(useless).isEmpty();
        }
    }
}
