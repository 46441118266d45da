package io.insula.rules.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:DB8::ABCD, 2001:db8::abcd",
        "0001:0:0:1:0:0:0:1, 1:0:0:1::1",
        "1:0:0:2:3:0:0:4, 1::2:3:0:0:4",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
        "::ffff:10.0.0.1, ::ffff:a00:1",
        "0000:0000:0000:0000:0000:ffff:255.255.255.255, ::ffff:ffff:ffff"
    })
    void isWrittenInOneWay(String text, String canonical) {
        var address = IpAddress.parse(text).orElseThrow();

        assertThat(address).hasToString(canonical);
        assertThat(IpAddress.parse(canonical)).contains(address);
    }

    /// Spellings that some parser takes for the loopback address or a private one, and another for something else.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.1",
                "127.0.1",
                "2130706433",
                "0x7f.0.0.1",
                "0x7f000001",
                "0177.0.0.1",
                "127.0.0.01",
                "127.00.0.1",
                "127.0.0.1.",
                "127.0.0.1 ",
                "127.0.0.1\n",
                "127.0.0.1\u0000",
                "127。0。0。1",
                "１２７.0.0.1",
                "127.0.0.256",
                "127.0.0.1/32",
                "127.0.0.1:80",
                "127.0.0.+1",
                "127.0.0.1e0",
                "0:0",
                "[::1]",
                "::1%lo",
                "::1%1",
                "::1/128",
                "::ffff:127.1",
                "::ffff:0177.0.0.1",
                "::ffff:127.0.0.1%lo",
                "::127.0.0.1:1",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "1:2:3:4::5:6:7:8",
                "1::2::3",
                ":::",
                "::00001",
                "::-1",
                "::+1",
                "::１",
                "1:2:3:4:5:6:7:1.2.3.4",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "localhost",
                "metadata",
                "a.b.c.d",
                ""
            })
    void readsNothingThatCouldBeReadInTwoWays(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
    }

    @Test
    void costsNoMoreForAText() {
        assertThat(IpAddress.parse("1".repeat(10_000_000))).isEmpty();
        assertThat(IpAddress.parse(":".repeat(10_000_000))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, loopback",
        "127.255.0.1, loopback",
        "::1, loopback",
        "0.0.0.0, unspecified",
        "::, unspecified",
        "169.254.169.254, link-local",
        "fe80::1, link-local",
        "febf::1, link-local",
        "224.0.0.1, multicast link-local-multicast",
        "224.0.1.1, multicast",
        "239.1.1.1, multicast",
        "ff02::1, multicast link-local-multicast",
        "ff12::1, multicast link-local-multicast",
        "ff05::1, multicast",
        "126.255.255.255, none",
        "128.0.0.0, none",
        "169.253.255.255, none",
        "223.255.255.255, none",
        "240.0.0.0, none",
        "::2, none",
        "fec0::1, none",
        "fe7f::1, none",
        "fd00::1, none"
    })
    void knowsWhatAnAddressIsFor(String text, String what) {
        var address = IpAddress.parse(text).orElseThrow();
        var found = new StringBuilder();
        found.append(address.isUnspecified() ? "unspecified " : "");
        found.append(address.isLoopback() ? "loopback " : "");
        found.append(address.isLinkLocal() ? "link-local " : "");
        found.append(address.isMulticast() ? "multicast " : "");
        found.append(address.isLinkLocalMulticast() ? "link-local-multicast " : "");

        assertThat(found.isEmpty() ? "none" : found.toString().strip()).isEqualTo(what);
    }

    @Test
    void tellsWhatAMappedAddressStandsFor() {
        assertThat(IpAddress.parse("::ffff:127.0.0.1").orElseThrow().unmapped().isLoopback())
                .isTrue();
        assertThat(IpAddress.parse("::ffff:7f00:1").orElseThrow().unmapped()).hasToString("127.0.0.1");
        assertThat(IpAddress.parse("::fffe:7f00:1").orElseThrow().isMapped()).isFalse();
        assertThat(IpAddress.parse("1::ffff:7f00:1").orElseThrow().isMapped()).isFalse();
        assertThat(IpAddress.parse("127.0.0.1").orElseThrow().unmapped()).hasToString("127.0.0.1");
    }

    /// A second witness: the JVM reads what is written here as the same address.
    @Test
    void agreesWithTheJvmOnWhatItWrites() throws UnknownHostException {
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("IpAddressTest seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = random.nextInt(3) == 0 ? bytes[j] : 0;
            }
            var address = IpAddress.of(bytes);
            assertThat(IpAddress.parse(address.toString()))
                    .as("%s, seed %d", address, seed)
                    .contains(address);
            assertThat(InetAddress.ofLiteral(address.toString()))
                    .as("%s, seed %d", address, seed)
                    .isEqualTo(InetAddress.getByAddress(bytes));
        }
    }

    @Test
    void isNoNumberBeyondItsWidth() {
        assertThatThrownBy(() -> new IpAddress(BigInteger.ONE.shiftLeft(32), 32))
                .hasMessageContaining("of 32 bits");
        assertThatThrownBy(() -> new IpAddress(BigInteger.ONE.negate(), 128)).hasMessageContaining("-1");
        assertThatThrownBy(() -> IpAddress.of(new byte[5])).hasMessageContaining("of 40 bits");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.1.2.3",
                "169.254.169.254",
                "255.255.255.255",
                "100.100.100.200",
                "168.63.129.16",
                "fd00:ec2::254",
                "::1",
                "fe80::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:a9fe:a9fe",
                "64:ff9b::169.254.169.254",
                "64:ff9b:1::1",
                "2002:7f00:1::1",
                "2002:a9fe:a9fe::"
            })
    void keepsWhatIsThisMachinesOrItsCloudsToItself(String text) {
        assertThat(ReservedBlocks.cover(IpAddress.parse(text).orElseThrow())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "192.168.0.1", "8.8.8.8", "fd00::1", "2001:db8::1", "64:ff9b::10.0.0.1"})
    void letsOthersBe(String text) {
        assertThat(ReservedBlocks.cover(IpAddress.parse(text).orElseThrow())).isFalse();
    }
}
