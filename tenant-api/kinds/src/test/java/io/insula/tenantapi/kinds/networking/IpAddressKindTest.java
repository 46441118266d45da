package io.insula.tenantapi.kinds.networking;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpAddressKindTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            10.96.0.10         | -
            fd00::10           | -
            010.96.0.10        | must be a valid IP address
            10.96.0.256        | must be a valid IP address
            10.96.10           | must be a valid IP address
            99999.1.1.1        | must be a valid IP address
            ::ffff:10.96.0.10  | must be a valid IP address
            fd00:::10          | must be a valid IP address
            a:b                | must be a valid IP address
            fd00:0::10         | must be in canonical form ("fd00::10")
            FD00::10           | must be in canonical form ("fd00::10")
            """)
    void hasOneNameForEachAddress(String name, String objection) {
        assertThat(new IpAddressKind().checkName(name)).startsWith(objection == null ? "" : objection);
        assertThat(new IpAddressKind().checkName(name).isEmpty()).isEqualTo(objection == null);
    }
}
