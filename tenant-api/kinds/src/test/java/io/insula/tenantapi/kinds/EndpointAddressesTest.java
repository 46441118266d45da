package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.FieldError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A tenant writes an address that is another one to whoever forwards to it.
class EndpointAddressesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.1          | may not be in the loopback range
            ::1                | may not be in the loopback range
            ::ffff:127.0.0.1   | may not be in the loopback range
            ::ffff:7f00:1      | may not be in the loopback range
            0.0.0.0            | may not be unspecified
            ::                 | may not be unspecified
            ::ffff:0.0.0.0     | may not be unspecified
            169.254.169.254    | may not be in the link-local range
            ::ffff:a9fe:a9fe   | may not be in the link-local range
            fe80::1            | may not be in the link-local range
            224.0.0.1          | may not be in the link-local multicast range
            ff02::1            | may not be in the link-local multicast range
            127.1              | must be a valid IP address
            0177.0.0.1         | must be a valid IP address
            010.0.0.1          | must be a valid IP address
            2130706433         | must be a valid IP address
            0x7f.0.0.1         | must be a valid IP address
            10.0.0.1.          | must be a valid IP address
            fe80::1%eth0       | must be a valid IP address
            10.0.0.1%eth0      | must be a valid IP address
            [fd00::1]          | must be a valid IP address
            ::ffff:0177.0.0.1  | must be a valid IP address
            localhost          | must be a valid IP address
            """)
    void refusesWhatMeansAnotherMachineOnEachMachine(String address, String detail) {
        assertThat(EndpointAddresses.findings("addresses[0]", address))
                .singleElement()
                .extracting(FieldError::toString)
                .asString()
                .contains("addresses[0]")
                .contains(detail);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "fd00::1", "2001:DB8::1", "::ffff:10.0.0.1", "224.0.1.1"})
    void takesOthers(String address) {
        assertThat(EndpointAddresses.findings("addresses[0]", address)).isEmpty();
    }
}
