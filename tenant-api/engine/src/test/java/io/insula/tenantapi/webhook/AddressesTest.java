package io.insula.tenantapi.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.fake.FakeObjectClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.8.8",
                "0.0.0.0",
                "169.254.169.254",
                "224.0.0.1",
                "::1",
                "::",
                "fe80::1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "ff02::1",
                "localhost",
                "metadata.internal",
                "0x7f000001",
                ""
            })
    void leadsNobodyToTheMachineThatTheServerRunsOn(String address) {
        assertThat(Addresses.isReachable(address)).isFalse();
        var store = new FakeObjectClient().with(FakeObjectClient.core("services"), """
                {metadata: {namespace: default, name: trick}, spec: {clusterIP: '%s', ports: [{port: 443}]}}
                """.formatted(address));

        assertThatThrownBy(() -> ServiceResolver.byClusterIp(() -> store).resolve("default", "trick", 443))
                .isInstanceOf(WebhookFailure.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.10", "192.168.1.1", "fd00::10"})
    void leadsToServices(String address) {
        assertThat(Addresses.isReachable(address)).isTrue();
    }

    @Test
    void knowsNoNamesOutside() {
        var store = new FakeObjectClient().with(FakeObjectClient.core("services"), """
                {metadata: {namespace: default, name: trick},
                 spec: {type: ExternalName, externalName: localhost, ports: [{port: 443}]}}
                """);

        assertThatThrownBy(() -> ServiceResolver.byClusterIp(() -> store).resolve("default", "trick", 443))
                .isInstanceOf(WebhookFailure.class)
                .hasMessageContaining("unsupported service type \"ExternalName\"");
    }
}
