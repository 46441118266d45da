package io.insula.tenantapi.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressPolicyTest {

    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#addresses")
    void nothingNearIsDialledUnlessItIsOpened(String address) {
        assertThat(EgressPolicy.CLOSED.refusal(ip(address), false)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"93.184.216.34", "8.8.8.8", "2606:4700::1111", "100.128.0.1", "172.32.0.1", "198.20.0.1"})
    void whatIsPublicIsDialled(String address) {
        assertThat(EgressPolicy.CLOSED.refusal(ip(address), false)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.1.2.3",
        "10.1.2.0/24, 10.1.2.3",
        "0.0.0.0/0, 192.168.1.1",
        "fc00::/7, fd12::1",
        "127.0.0.0/8, 127.0.0.1",
        "127.0.0.1/32, ::ffff:127.0.0.1",
        "::1/128, ::1",
        "169.254.169.254/32, 169.254.169.254",
        "10.0.0.0/8, 64:ff9b::10.0.0.1"
    })
    void whatTheSuperuserOpensIsDialled(String opened, String address) {
        assertThat(open(opened).refusal(ip(address), false)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 127.0.0.1",
        "0.0.0.0/0, 169.254.169.254",
        "0.0.0.0/0, 0.0.0.0",
        "0.0.0.0/0, 224.0.0.1",
        "::/0, ::1",
        "::/0, fe80::1",
        "::/0, ::ffff:127.0.0.1",
        "::/0, 64:ff9b::10.0.0.1",
        "100.64.0.0/10, 100.100.100.200",
        "fc00::/7, fd00:ec2::254",
        "10.0.0.0/8, 192.168.1.1",
        "127.0.0.1/32, 127.0.0.2",
        "198.18.0.0/15, 198.18.0.5",
        "198.18.0.5/32, 198.18.0.5"
    })
    void aWideBlockOpensNothingThatIsReservedAndNothingOpensWhatIsSimulated(String opened, String address) {
        assertThat(open(opened).refusal(ip(address), false)).isPresent();
    }

    @Test
    void theMachinesOwnAddressIsOpenedOnlyByItself() {
        var policy = new EgressPolicy(List.of(), List::of, ip("10.1.2.3")::equals);

        assertThat(policy.opening(blocks("10.0.0.0/8")).refusal(ip("10.1.2.3"), false))
                .hasValueSatisfying(why -> assertThat(why).contains("its own machine"));
        assertThat(policy.opening(blocks("10.0.0.0/8")).refusal(ip("10.1.2.3"), true))
                .isPresent();
        assertThat(policy.opening(blocks("10.1.2.3/32")).refusal(ip("10.1.2.3"), false))
                .isEmpty();
        assertThat(new EgressPolicy(List.of(), List::of, ip("93.184.216.34")::equals)
                        .refusal(ip("64:ff9b::93.184.216.34"), false))
                .isPresent();
    }

    @Test
    void theHostClusterIsOpenedOnlyByBlocksWithin() {
        var policy = EgressPolicy.CLOSED.guarding(() -> blocks("10.244.0.0/16", "93.184.216.0/24"));

        assertThat(policy.refusal(ip("93.184.216.34"), false)).isPresent();
        assertThat(policy.opening(blocks("10.0.0.0/8")).refusal(ip("10.244.3.4"), false))
                .hasValueSatisfying(why -> assertThat(why).contains("10.244.0.0/16"));
        assertThat(policy.opening(blocks("10.0.0.0/8")).refusal(ip("10.1.3.4"), false))
                .isEmpty();
        assertThat(policy.opening(blocks("10.244.3.0/24")).refusal(ip("10.244.3.4"), false))
                .isEmpty();
    }

    @Test
    void aTenantReachesItsOwnRunningPodAndByThatNothingElse() {
        var policy = EgressPolicy.CLOSED.guarding(() -> blocks("10.244.0.0/16"));

        assertThat(policy.refusal(ip("10.244.3.4"), true)).isEmpty();
        for (String address : List.of("127.0.0.1", "169.254.169.254", "198.18.0.5", "::1", "::ffff:127.0.0.1")) {
            assertThat(policy.refusal(ip(address), true)).as(address).isPresent();
        }
    }

    private static EgressPolicy open(String... blocks) {
        return new EgressPolicy(blocks(blocks), List::of, _ -> false);
    }

    private static List<AddressBlock> blocks(String... texts) {
        return Arrays.stream(texts).map(AddressBlock::of).toList();
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
