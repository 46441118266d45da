package io.insula.rules.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlockTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "10.0.0.1 ",
                " 10.0.0.1",
                "10.0.0",
                "10.1",
                "1",
                "167772161",
                "0x0a000001",
                "0xa.0.0.1",
                "010.0.0.1",
                "10.0.0.01",
                "10.0.0.256",
                "10.0.0.1.",
                ".10.0.0.1",
                "10.0.0.1.1",
                "10.0.0.-1",
                "١٠.0.0.1",
                "localhost",
                "kubernetes.default",
                "a",
                "fe80::1%eth0",
                "fe80::1%25",
                "[::1]",
                "::1::",
                ":::",
                ":",
                "::g",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8:",
                ":1:2:3:4:5:6:7",
                "00001::",
                "::ffff:10.0.0",
                "::ffff:010.0.0.1",
                "::ffff:10.0.0.256",
                "::10.0.0.1:1",
                "10.0.0.1::",
                "10.0.0.1/32",
                "10.0.0.1:80"
            })
    void takesNothingForAnAddressThatIsNoneInOneWay(String text) {
        assertThat(AddressBlock.address(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/-1", "10.0.0.0/8/8",
                "/8", "10/8", "fd00::/129", "fd00::%1/64", "host/8", "10.0.0.0/255.0.0.0", "10.0.0.0/ 8", "10.0.0.0/1e1"
            })
    void takesNothingForABlockThatIsNoneInOneWay(String text) {
        assertThat(AddressBlock.parse(text)).isEmpty();
        assertThatThrownBy(() -> AddressBlock.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: a block");
    }

    @ParameterizedTest
    @CsvSource({
        "10.244.1.7/16, 10.244.0.0/16",
        "0.0.0.0/0, 0.0.0.0/0",
        "255.255.255.255/32, 255.255.255.255/32",
        "FD00:10:0:0::/64, fd00:10::/64",
        "::/0, ::/0",
        "::1/128, ::1/128",
        "1:0:0:2:0:0:0:3/128, 1:0:0:2::3/128",
        "1:0:2:3:4:5:6:7/128, 1:0:2:3:4:5:6:7/128",
        "::ffff:10.0.0.1/128, ::ffff:a00:1/128",
        "ffff::/16, ffff::/16",
        "64:ff9b::10.0.0.0/104, 64:ff9b::a00:0/104"
    })
    void isWrittenInOneWay(String text, String canonical) {
        assertThat(AddressBlock.of(text)).hasToString(canonical);
        assertThat(AddressBlock.of(canonical)).isEqualTo(AddressBlock.of(text));
    }

    @Test
    void coversWhatIsInItOfItsOwnFamilyOnly() {
        var pods = AddressBlock.of("10.244.0.0/16");

        assertThat(pods.covers(AddressBlock.of("10.244.3.0/24"))).isTrue();
        assertThat(pods.covers(pods)).isTrue();
        assertThat(pods.covers(AddressBlock.of("10.0.0.0/8"))).isFalse();
        assertThat(pods.overlaps(AddressBlock.of("10.0.0.0/8"))).isTrue();
        assertThat(pods.overlaps(AddressBlock.of("10.245.0.0/16"))).isFalse();
        assertThat(AddressBlock.of("::/0").covers(pods)).isFalse();
        assertThat(AddressBlock.of("0.0.0.0/0").covers(AddressBlock.of("::ffff:10.0.0.1/128")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "::10.1.2.3, 10.1.2.3/32",
        "::ffff:10.1.2.3, 10.1.2.3/32",
        "::ffff:a01:203, 10.1.2.3/32",
        "::ffff:0:10.1.2.3, 10.1.2.3/32",
        "64:ff9b::a01:203, 10.1.2.3/32",
        "2002:a01:203:5::9, 10.1.2.3/32",
        "2001:0:a01:203:0:0:f5fe:fdfc, 10.1.2.3/32"
    })
    void tellsTheIpv4AddressThatItCarries(String text, String embedded) {
        assertThat(AddressBlock.address(text).orElseThrow().embedded())
                .isNotEmpty()
                .containsOnly(AddressBlock.of(embedded));
    }

    @Test
    void tellsTheIpv4BlockThatABlockCarries() {
        assertThat(AddressBlock.of("::ffff:10.244.0.0/112").embedded())
                .containsExactly(AddressBlock.of("10.244.0.0/16"));
        assertThat(AddressBlock.of("2002::/16").embedded()).containsExactly(AddressBlock.of("0.0.0.0/0"));
        assertThat(AddressBlock.of("2001:db8::/32").embedded()).isEmpty();
        assertThat(AddressBlock.of("10.0.0.0/8").embedded()).isEmpty();
        assertThat(AddressBlock.of("10.244.0.0/16").throughNat64()).hasToString("64:ff9b::af4:0/112");
    }

    @Test
    void mergesWithoutAddingOrLosingAnAddress() {
        assertThat(AddressBlock.merged(List.of(
                        AddressBlock.of("10.0.0.1/32"),
                        AddressBlock.of("10.0.0.0/32"),
                        AddressBlock.of("10.0.0.2/31"),
                        AddressBlock.of("fd00::/64"),
                        AddressBlock.of("10.0.0.5/32"),
                        AddressBlock.of("fd00::7/128"))))
                .extracting(AddressBlock::toString)
                .containsExactly("10.0.0.0/30", "10.0.0.5/32", "fd00::/64");
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("AddressBlockTest seed " + seed);
        var random = new Random(seed);
        var blocks = IntStream.range(0, 60)
                .mapToObj(_ -> AddressBlock.of("10.0.0." + random.nextInt(256) + "/" + (26 + random.nextInt(7))))
                .toList();
        var merged = AddressBlock.merged(blocks);
        for (int i = 0; i < 256; i++) {
            var address = AddressBlock.of("10.0.0." + i + "/32");
            assertThat(merged.stream().filter(block -> block.covers(address)).count())
                    .as("%s of %s, seed %d", address, blocks, seed)
                    .isEqualTo(blocks.stream().anyMatch(block -> block.covers(address)) ? 1 : 0);
        }
    }
}
