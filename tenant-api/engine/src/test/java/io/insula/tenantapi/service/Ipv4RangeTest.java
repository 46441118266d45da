package io.insula.tenantapi.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Ipv4RangeTest {

    @Test
    void serviceRangesAreOfIpv4AndOfUsefulSize() {
        assertThat(Ipv4Range.usable("10.1.0.0/24")).hasToString("Optional[10.1.0.0/24]");
        for (String useless : new String[] {"10.1.0.0/31", "10.1.0.0/32", "0.0.0.0/0", "2001:db8::/64", "x"}) {
            assertThat(Ipv4Range.usable(useless)).as(useless).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/24, 10.96.0.1, true",
        "10.96.0.0/24, 10.96.0.254, true",
        "10.96.0.0/24, 10.96.0.0, false",
        "10.96.0.0/24, 10.96.0.255, false",
        "10.96.0.0/24, 10.97.0.1, false",
        "10.96.0.0/24, 010.96.0.1, false",
        "10.96.0.0/24, ::ffff:10.96.0.1, false",
        "10.96.0.0/24, 10.96.1, false",
        "10.96.0.0/24, host.example, false"
    })
    void givesOnlyAddressesThatAreItsOwn(String range, String address, boolean contained) {
        assertThat(Ipv4Range.parse(range).contains(address)).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.96.0.0", "10.96.0.0/x", "10.96.0.0/012", "010.96.0.0/12", "10.96/12", "fd00::/108"})
    void isNothingElse(String cidr) {
        assertThatThrownBy(() -> Ipv4Range.parse(cidr))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cidr: " + cidr + " (expected: an IPv4 network");
    }
}
