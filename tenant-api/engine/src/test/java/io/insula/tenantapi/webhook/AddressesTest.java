package io.insula.tenantapi.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.fake.FakeObjectClient;
import java.net.InetAddress;
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
                "0177.0.0.1",
                "127.1",
                "2130706433",
                "[::1]",
                "::1%lo",
                "10.96.0.010",
                "::127.0.0.1",
                "64:ff9b::127.0.0.1",
                "2002:a9fe:a9fe::1",
                "100.100.100.200",
                "168.63.129.16",
                "fd00:ec2::254",
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

    /// What a name led to, as the JVM has it.
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "169.254.169.254", "fd00:ec2::254", "64:ff9b::7f00:1"})
    void leadsNobodyThereByANameEither(String address) {
        assertThat(Addresses.isReachable(InetAddress.ofLiteral(address))).isFalse();
        assertThat(Addresses.isReachable(InetAddress.ofLiteral("10.96.0.10"))).isTrue();
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
