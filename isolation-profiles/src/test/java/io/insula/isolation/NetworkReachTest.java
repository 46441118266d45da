package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.rules.network.AddressBlock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkReachTest {

    @Test
    void isOutsideAndNothingOfTheHostsWhereNothingIsSaid() {
        var reach = read("{}");

        assertThat(reach.isWalled()).isTrue();
        assertThat(reach.isReachedFromOutside()).isTrue();
        assertThat(reach.hasAll(AddressBlock.of("8.8.8.8/32"))).isTrue();
        assertThat(reach.metadata()).isFalse();
        assertThat(reach.nodes()).isFalse();
        assertThat(reach.annotations())
                .isEqualTo(Map.of(
                        NetworkReach.INGRESS,
                        "outside",
                        NetworkReach.EGRESS,
                        "0.0.0.0/0,::/0",
                        NetworkReach.BALANCERS,
                        ""));
        assertThat(settings("{sandbox: runc}").network()).isEqualTo(reach);
    }

    @Test
    void isWhatIsListed() {
        var reach =
                read("{egressBlocks: [203.0.113.128/25, 203.0.113.0/25, 'fd00:1::/64'], metadata: allow, host: allow}");

        assertThat(reach.outside()).hasToString("[203.0.113.0/24, fd00:1::/64]");
        assertThat(reach.of(AddressBlock.of("203.0.0.0/8"))).hasToString("[203.0.113.0/24]");
        assertThat(reach.of(AddressBlock.of("203.0.113.7/32"))).hasToString("[203.0.113.7/32]");
        assertThat(reach.of(AddressBlock.of("8.8.8.8/32"))).isEmpty();
        assertThat(reach.metadata() && reach.nodes()).isTrue();
        assertThat(read("{ingress: tenant, egress: tenant}").annotations())
                .isEqualTo(Map.of(
                        NetworkReach.INGRESS, "tenant", NetworkReach.EGRESS, "tenant", NetworkReach.BALANCERS, ""));
    }

    @Test
    void isOfSeveralProfilesWhatAllLetThrough() {
        var wide = read("{egressBlocks: [10.0.0.0/8, 203.0.113.0/24], metadata: allow, host: allow}");
        var other = read("{egressBlocks: [10.1.0.0/16, 198.51.100.0/24], metadata: allow, ingress: tenant}");
        var none = settings("{sandbox: runc, defaultNetworkPolicy: false}").network();

        for (var both : List.of(wide.strictest(other), other.strictest(wide))) {
            assertThat(both.outside()).hasToString("[10.1.0.0/16]");
            assertThat(both.isReachedFromOutside()).isFalse();
            assertThat(both.metadata()).isTrue();
            assertThat(both.nodes()).isFalse();
        }
        assertThat(none.strictest(other)).isEqualTo(other);
        assertThat(other.strictest(none)).isEqualTo(other);
        assertThat(wide.strictest(read("{egress: tenant}")).outside()).isEmpty();
    }

    @Test
    void tellsLoadBalancersWhatIsListedOnly() {
        var one = read("{loadBalancerAnnotations: [lb.example.com/scheme=internal, lb.example.com/name]}");
        var other = read("{loadBalancerAnnotations: [lb.example.com/scheme, lb.example.com/name=a]}");

        assertThat(one.tells("lb.example.com/scheme", "internal")).isTrue();
        assertThat(one.tells("lb.example.com/scheme", "internet-facing")).isFalse();
        assertThat(one.tells("lb.example.com/name", "b")).isTrue();
        assertThat(one.tells("lb.example.com/cert", "x")).isFalse();
        assertThat(one.strictest(other).balancers())
                .isEqualTo(other.strictest(one).balancers())
                .containsExactly("lb.example.com/name=a", "lb.example.com/scheme=internal");
        for (var wrong : List.of("name", "insula.io/tenant", "x.insula.io/y", "A/b", "a/b c", "a/", "'a/b=1\n2'")) {
            assertThatThrownBy(() -> read("{loadBalancerAnnotations: [\"" + wrong.replace("\n", "\\n") + "\"]}"))
                    .as(wrong)
                    .hasMessageContaining("network.loadBalancerAnnotations");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ingress: everybody} | network.ingress: \"everybody\" (expected: one of outside, tenant)",
                "{egress: [a]} | network.egress: [a] (expected: one of outside, tenant)",
                "{metadata: true} | network.metadata: true (expected: one of refuse, allow)",
                "{host: yes-please} | network.host: \"yes-please\" (expected: one of refuse, allow)",
                "{egress: tenant, egressBlocks: [10.0.0.0/8]} | network.egressBlocks: [10.0.0.0/8] (expected: none where",
                "{egressBlocks: []} | network.egressBlocks: [] (expected: 1 to 64 blocks of addresses)",
                "{egressBlocks: 10.0.0.0/8} | (expected: 1 to 64 blocks of addresses)",
                "{egressBlocks: [10.0.0.1]} | network.egressBlocks: \"10.0.0.1\" (expected: a block of addresses",
                "{egressBlocks: [010.0.0.0/8]} | (expected: a block of addresses",
                "{egressBlocks: ['::ffff:10.0.0.0/104']} | (expected: a block of addresses"
            })
    void namesTheFieldThatIsWrong(String network, String told) {
        assertThatThrownBy(() -> read(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(told);
    }

    @Test
    void isNothingWhereThereIsNoWall() {
        assertThatThrownBy(() -> settings("{sandbox: runc, defaultNetworkPolicy: false, network: {egress: tenant}}"))
                .hasMessageContaining("network: {egress=tenant} (expected: none where defaultNetworkPolicy is false");
        assertThat(settings("{sandbox: runc, defaultNetworkPolicy: false}")
                        .network()
                        .annotations())
                .containsEntry(NetworkReach.EGRESS, "0.0.0.0/0,::/0");
    }

    private static NetworkReach read(String network) {
        return settings("{sandbox: runc, network: " + network + "}").network();
    }

    private static ProfileSettings settings(String spec) {
        return Beans.profiles().settings("p", Yaml.tree(spec));
    }
}
