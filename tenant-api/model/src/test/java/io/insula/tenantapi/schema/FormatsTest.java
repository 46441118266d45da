package io.insula.tenantapi.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.fuzz.Fuzz;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The formats of texts, by upstream's own samples, and by what somebody sends to break a server.
final class FormatsTest {

    /// @param good texts of the format
    /// @param bad texts that are not
    record Case(String format, List<String> good, List<String> bad) {}

    static List<Case> samples() {
        String long256 = "a".repeat(256);
        return List.of(
                new Case(
                        "ipv4",
                        List.of("127.0.0.1", "192.168.1.01", "::ffff:1.2.3.4"),
                        List.of("198.168.254.2.2", "1.2.3", "1.2.3.256", "::1", "1.2.3.4 ", "")),
                new Case(
                        "ipv6",
                        List.of("::1", "::", "2001:db8::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4"),
                        List.of(
                                "127.0.0.1",
                                "1::2::3",
                                ":::",
                                "1:2:3:4:5:6:7",
                                "1:2:3:4:5:6:7:8:9",
                                "12345::",
                                "::1%eth0",
                                "g::",
                                ":",
                                "1:2:3:4:5:6:7:1.2.3.4",
                                "::01.2.3.4")),
                new Case(
                        "cidr",
                        List.of("192.0.2.1/24", "192.0.02.1/24", "2001:db8:a0b:12f0::1/32", "0.0.0.0/0", "::/128"),
                        List.of(
                                "198.168.254.2",
                                "2001:db8::1",
                                "1.2.3.4/33",
                                "::/129",
                                "1.2.3.4/",
                                "1.2.3.4/-1",
                                "1.2.3.4/+1",
                                "/8",
                                "1.2.3.4/99999999999999999999")),
                new Case(
                        "mac",
                        List.of("01:02:03:04:05:06", "01-02-03-04-05-06", "0123.4567.89ab", "01:02:03:04:05:06:07:08"),
                        List.of("01:02:03:04:05", "01:02-03:04:05:06", "0123.4567")),
                new Case(
                        "hostname",
                        List.of(
                                "somewhere.com",
                                "888.com",
                                "a.b.c.d.com",
                                "1.2.3.4.com",
                                "xn--bcher-kva.example.com",
                                "☁→❄→☃→☀→☺→☂→☹→✝.ws",
                                "www.example.ôlà",
                                "ex$ample",
                                "localhost",
                                "x",
                                "x-y",
                                "ex=ample.com",
                                "<foo>",
                                "www.詹姆斯.london"),
                        List.of(
                                "somewhere.com!",
                                "user@email.domain",
                                "1.1.1.1",
                                long256,
                                "x.y." + "a".repeat(64),
                                "www.example-.org",
                                "www.--example.org",
                                "-www.example.org",
                                "www-",
                                "-www",
                                "www.ex ample.org",
                                "_www.example.org",
                                "www.example_underscored.org",
                                "www.詹姆斯.x",
                                "a.b.c.d",
                                "xyz-",
                                "x.",
                                "a.b.c.dot-",
                                "a.b.c.é;ö",
                                "")),
                new Case(
                        "email",
                        List.of(
                                "somebody@somewhere.com",
                                "a.b+c@d",
                                "Joe Doe <joe@example.org>",
                                "\"a b\"@c.d",
                                "j@[127.0.0.1]",
                                "ö@ö.org"),
                        List.of("somebody@somewhere@com", "a", "@b", "a@", "a..b@c", "a b@c", "<a@b", "")),
                new Case(
                        "uri",
                        List.of(
                                "http://somewhere.com",
                                "/path",
                                "mailto:a@b.c",
                                "https://[::1]:80/a%20b?c=d",
                                "urn:x",
                                "*",
                                "http:/a"),
                        List.of(
                                "",
                                "somewhere.com",
                                "a/b",
                                "http://a b/",
                                "http://a:b/",
                                "/%zz",
                                "/%",
                                "http://[::1/",
                                "/a\nb",
                                ":a",
                                "1a:b")),
                new Case(
                        "date",
                        List.of("2024-02-29"),
                        List.of("2023-02-29", "+2024-01-01", "24-1-1", "2024-01-01T", "")),
                new Case(
                        "date-time",
                        List.of(
                                "2014-12-15T08:00:00.000Z",
                                "2014-12-15t08:00:00+01:00",
                                "2011-08-18T19:03:37.000000000+01:00"),
                        List.of(
                                "2014-12-15 08:00:00Z",
                                "2014-12-15T24:00:00Z",
                                "2014-12-15T08:00:00",
                                "T",
                                "2014-12-15")),
                new Case(
                        "byte",
                        List.of("ZWxpemFiZXRocG9zZXk=", "AAAA", "AA=="),
                        List.of("ZWxpemFiZXRocG9zZXk", "", "A===", "AA-_", "AA=A")),
                new Case(
                        "uuid",
                        List.of("A8098c1a-f86e-11da-bd1a-00112444be1e", "a8098c1af86e11dabd1a00112444be1e"),
                        List.of("not-a-uuid", "")),
                new Case(
                        "uuid3",
                        List.of("6fa459ea-ee8a-3ca4-894e-db77e160355e"),
                        List.of("16fd2706-8baf-433b-82eb-8c7fada847da")),
                new Case(
                        "uuid4",
                        List.of("16fd2706-8baf-433b-82eb-8c7fada847da"),
                        List.of("16fd2706-8baf-433b-c2eb-8c7fada847da")),
                new Case(
                        "uuid5",
                        List.of("886313e1-3b8a-5372-9b90-0c9aee199e5d"),
                        List.of("6fa459ea-ee8a-3ca4-894e-db77e160355e")),
                new Case("isbn", List.of("0321751043", "978-0321751041"), List.of("836217463", "")),
                new Case("isbn10", List.of("0321751043", "0-8044-2957-X"), List.of("0321751044", "978-0321751041")),
                new Case("isbn13", List.of("978-0321751041"), List.of("978-0321751042")),
                new Case(
                        "creditcard",
                        List.of("4111-1111-1111-1111", "4012-8888-8888-1881"),
                        List.of("9999-9999-9999-999", "4111-1111-1111-1112", "")),
                new Case("hexcolor", List.of("#FFFFFF", "fff"), List.of("#fffffffz", "#ffff")),
                new Case(
                        "rgbcolor",
                        List.of("rgb(255,255,255)", "rgb( 0 , 10, 99 )"),
                        List.of("rgb(300,0,0)", "rgb(00,0,0)", "rgb(1,2)")),
                new Case("ssn", List.of("111-11-1111", "999 99 9999"), List.of("999 99 999", "111111111")),
                new Case(
                        "duration",
                        List.of(
                                "1h30m",
                                "-1.5h",
                                ".5s",
                                "0",
                                "2ms",
                                "1  wk",
                                "1nanoseconds",
                                "12 hours",
                                "3 days and 2 hours",
                                "1µs"),
                        List.of(
                                "yada",
                                "three week",
                                "9999999999999999999999999999999999 weeks",
                                "12 parsecs",
                                "12 y",
                                "45 wekk",
                                "45 weeekks",
                                "1",
                                "")),
                new Case(
                        "bsonobjectid",
                        List.of("507f1f77bcf86cd799439011"),
                        List.of("507f1f77bcf86cd79943901", "x07f1f77bcf86cd799439011")),
                new Case("k8s-short-name", List.of("a", "a-b"), List.of("A", "a.b", "-a", "a".repeat(64), "")),
                new Case("k8s-long-name", List.of("a", "a.b-c.d"), List.of("a..b", "a.", ".", long256, "")),
                new Case("datetime", List.of("2014-12-15T08:00:00z"), List.of("x")),
                new Case("password", List.of("", "anything"), List.of()),
                new Case("nonsense", List.of("", "anything"), List.of()));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void knows(Case given) {
        assertThat(given.good())
                .isNotEmpty()
                .allSatisfy(text ->
                        assertThat(Formats.fits(given.format(), text)).as(text).isTrue());
        assertThat(given.bad())
                .allSatisfy(text ->
                        assertThat(Formats.fits(given.format(), text)).as(text).isFalse());
    }

    @Test
    void hasSamplesOfEveryFormat() {
        assertThat(samples()).extracting(Case::format).containsAll(new TreeSet<>(Formats.names()));
    }

    static Stream<String> formats() {
        return new TreeSet<>(Formats.names()).stream();
    }

    /// Long texts of the pieces that patterns repeat: linear time, no stack.
    @ParameterizedTest
    @MethodSource("formats")
    @Timeout(300)
    void survivesLongTexts(String format) {
        for (String piece : List.of(
                "a", "1", "0", ".", ":", "-", "a.", "1.", "a:", "::", "=", "A", "@", "a@", "\"", "\\\"", " ", "1h", "%",
                "é", "\uD800", "/", "[", "<a", "1 ", "a-")) {
            for (String tail : List.of("", "!", "\u0000", "@b.c")) {
                String text = piece.repeat(50_000) + tail;
                assertThat(Formats.fits(format, text)).isIn(true, false);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void survivesAnything(String format) {
        String[] pieces = {
            ".",
            ":",
            "::",
            "/",
            "-",
            "@",
            "1",
            "255",
            "ff",
            "a",
            "Z",
            "T",
            "%",
            "[",
            "]",
            "<",
            ">",
            "\"",
            "\\",
            " ",
            "\t",
            "=",
            "rgb(",
            ",",
            ")",
            "h",
            "\uD83D\uDE00",
            "\uDC00",
            "\u0000",
            "2024-01-01"
        };
        Fuzz.run(10_000, 1 << 20, random -> {
            var text = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            assertThat(Formats.fits(format, text.toString())).as("%s", text).isIn(true, false);
        });
    }
}
