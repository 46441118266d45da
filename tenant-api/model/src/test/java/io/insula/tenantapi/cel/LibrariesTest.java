package io.insula.tenantapi.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.cel.library.Authorization;
import io.insula.tenantapi.cel.library.CelObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Kubernetes' functions, each by an expression from upstream's documentation of it.
final class LibrariesTest {

    private static final CelEnvironment ENVIRONMENT = CelEnvironment.of(Map.of("d", SimpleType.DYN), List.of());
    private static final Map<String, Object> DATA =
            Map.of("d", Map.of("a", Map.of("b", 1L), "list", List.of(1L, 2.0, "s")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2, 3].isSorted()",
                "!['b', 'a'].isSorted()",
                "[1, 3].sum() == 4",
                "[1.5, 3.0].sum() == 4.5",
                "[1, 3].min() == 1 && ['a', 'b'].max() == 'b'",
                "[1, 2, 2, 3].indexOf(2) == 1 && ['a', 'b', 'b', 'c'].lastIndexOf('b') == 2 && [1.0].indexOf(1.1) == -1",
                "'abc'.indexOf('c') == 2",
                "'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]') == ''",
                "'123 abc 456'.findAll('[0-9]+') == ['123', '456'] && '1 2 3'.findAll('[0-9]', 1) == ['1']",
                "url('https://example.com:80/path?k1=a&k2=b&k2=c#x').getHost() == 'example.com:80'",
                "url('https://[::1]:80/path').getHostname() == '::1' && url('https://[::1]:80/path').getPort() == '80'",
                "url('https://example.com/a b').getEscapedPath() == '/a%20b'",
                "url('https://example.com/?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
                "isURL('/absolute-path') && !isURL('../relative-path') && !isURL('https://a:b:c/')",
                "quantity('1.5Gi').isGreaterThan(quantity('1G')) && isQuantity('10k') && !isQuantity('1x')",
                "quantity('50k').add(20) == quantity('50020') && quantity('50k').sub(quantity('20')) == quantity('49980')",
                "quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('50k').asInteger() == 50000",
                "sign(quantity('-1')) == -1 && !quantity('1.5').isInteger() && quantity('1.5').asApproximateFloat() == 1.5",
                "ip('127.0.0.1').family() == 4 && ip('::1').family() == 6 && ip('::1').isLoopback()",
                "!isIP('127.0.0.256') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0') && isIP('2001:db8::abcd')",
                "ip.isCanonical('127.0.0.1') && !ip.isCanonical('2001:DB8::ABCD') && string(ip('2001:db8:0:0::1')) == '2001:db8::1'",
                "ip('0.0.0.0').isUnspecified() && ip('224.0.0.1').isLinkLocalMulticast() && ip('169.254.169.254').isLinkLocalUnicast()",
                "ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
                "cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))",
                "cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && !cidr('192.168.1.0/24').containsCIDR(cidr('192.168.0.0/16'))",
                "cidr('192.168.1.3/24').masked() == cidr('192.168.1.0/24') && cidr('::1/128').prefixLength() == 128",
                "cidr('192.168.1.3/24').ip() == ip('192.168.1.3') && !isCIDR('1.2.3.4/33') && string(cidr('10.0.0.0/8')) == '10.0.0.0/8'",
                "!format.dns1123Label().validate('my-label').hasValue() && format.dns1123Label().validate('No').hasValue()",
                "format.named('labelValue').hasValue() && !format.named('nonsense').hasValue()",
                "!format.dns1123LabelPrefix().validate('my-label-').hasValue() && format.uuid().validate('x').hasValue()",
                "semver('1.2.3').isLessThan(semver('1.2.4')) && semver('2.0.0').isGreaterThan(semver('1.9.9'))",
                "semver('v1.2', true) == semver('1.2.0') && isSemver('1.0.0-rc.1') && !isSemver('v1.0') && semver('1.0.0-alpha').isLessThan(semver('1.0.0'))",
                "semver('1.10.0').compareTo(semver('1.9.0')) == 1 && semver('3.4.5').minor() == 4",
                "'%s has %d items, %.2f full, %x %X %b %o %e %%'.format(['a', 3, 2.5, 255, 255, 5, 8, 1234.5]) == 'a has 3 items, 2.50 full, ff FF 101 10 1.234500e+03 %'",
                "'%s %s %s'.format([[1, 'a'], {'k': true}, duration('90s')]) == '[1, \"a\"] {\"k\": true} 90s'",
                "'a,b'.split(',') == ['a', 'b'] && ['x', 'y'].join('-') == 'x-y' && ' t '.trim() == 't' && 'Ab'.lowerAscii() == 'ab'",
                "'hello'.charAt(4) == 'o' && 'tacocat'.substring(0, 4) == 'taco' && 'hello hello'.replace('he', 'we', 1) == 'wello hello'",
                "sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1], [1, 2])",
                "[1, 2, 3].all(i, v, i < v) && {'a': 1}.exists(k, v, k == 'a' && v == 1)",
                "[1, 2].transformList(i, v, i + v) == [1, 3] && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
                "[3, 1, 2].sort() == [1, 2, 3] && [[1], [2]].flatten() == [1, 2] && [1, 2, 3].slice(0, 1) == [1] && lists.range(3) == [0, 1, 2]",
                "d.?a.?c.orValue(7) == 7 && d.?a.?b.hasValue() && optional.of(1).value() == 1",
                "d.a.b == 1.0 && d.a == {'b': 1} && d.list[1] == 2 && !has(d.a.x) && 2 < 2.5",
                "duration('1h30m') > duration('60m') && timestamp('2020-01-01T00:00:00Z').getFullYear() == 2020",
                "type(1) == int && string(1) == '1' && int('7') == 7 && 'a' in {'a': 1} && 1 in [1, 2]",
            })
    void holds(String expression) {
        assertThat(ENVIRONMENT
                        .compile(expression)
                        .evaluate(DATA, CelLimits.PER_CALL)
                        .value())
                .isEqualTo(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "d.a.c == 1 | no such key: c",
                "d.list[3] == 1 | index out of bounds: 3",
                "d.a.b / 0 == 1 | division by zero",
                "9223372036854775807 + d.a.b == 1 | integer overflow",
                "d.a.b + 'x' == 'y' | no such overload",
                "quantity('x') == quantity('1') | quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                "cidr('1.2.3.4').prefixLength() == 1 | network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"1.2.3.4\"): no '/'",
                "ip('::ffff:1.2.3.4').family() == 4 | IPv4-mapped IPv6 address \"::ffff:1.2.3.4\" is not allowed",
                "[d.a.b].filter(x, x > 5).min() == 1 | min called on empty list",
                "url('../x').getHost() == '' | URL parse error during conversion from string: parse \"../x\": invalid URI for request",
                "d.list.all(x, d.list.all(y, d.list.all(z, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.matches('a*a*a*a*')))) | operation cancelled: actual cost limit exceeded",
            })
    void failsInUpstreamsWords(String expression, String message) {
        CelExpression compiled = ENVIRONMENT.compile(expression);

        assertThatThrownBy(() -> compiled.evaluate(DATA, message.startsWith("operation") ? 100 : CelLimits.PER_CALL))
                .isInstanceOf(CelException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x == 1 | ERROR: <input>:1:1: undeclared reference to 'x' (in container '')",
                "1 + 'a' == 2 | ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'",
                "d.a == | ERROR: <input>:1:7: Syntax error: mismatched input '<EOF>' expecting",
                "[1, 'a'] == [] | expected type 'int' but found 'string'",
                "'a'.matches('[') | <input>:1:13:",
                "duration('x') > duration('1s') | <input>:1:10:",
                "cel.bind(a, 1, a) == 1 | undeclared reference to 'cel'",
                "math.greatest(1, 2) == 2 | undeclared reference to 'math'",
                "'abc'.reverse() == 'cba' | 'reverse'",
            })
    void refusesToCompile(String expression, String message) {
        assertThatThrownBy(() -> ENVIRONMENT.compile(expression))
                .isInstanceOf(CelException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "true | 0",
                "d.a.b == 1 | 4",
                "has(d.a.b) | 2",
                "'abc'.startsWith('a') | 1",
                "d.list.all(x, x == x) | 21",
                "[d.a.b, 2, 3].all(x, true) | 23",
                "'aaaaaaaaaaaaaaaaaaaa' == d.list[2] | 4",
                "[1, 2].size() == d.a.b | 5",
            })
    void countsWhatItCosts(String expression, long cost) {
        assertThat(ENVIRONMENT
                        .compile(expression)
                        .evaluate(DATA, CelLimits.PER_CALL)
                        .cost())
                .isEqualTo(cost);
    }

    @Test
    void asksTheAuthorizer() {
        CelEnvironment environment = CelEnvironment.of(Map.of("authorizer", CelObjects.AUTHORIZER), List.of());
        var asked = new ArrayList<Authorization.Question>();
        var authorizer = new Authorization(new Authorization.Subject.Caller(), question -> {
            asked.add(question);
            return new Authorization.Decision(true, "because", "");
        });
        CelExpression expression = environment.compile("authorizer.serviceAccount('default', 'sa').group('apps')"
                + ".resource('deployments').namespace('ns').name('n').subresource('scale').check('update').allowed()"
                + " && authorizer.path('/healthz').check('get').reason() == 'because'");

        var result = expression.evaluate(Map.of("authorizer", authorizer), CelLimits.PER_CALL);

        assertThat(result.value()).isEqualTo(true);
        assertThat(result.cost()).isGreaterThan(700_000);
        assertThat(asked).hasSize(2);
        assertThat(asked.getFirst().resource()).isEqualTo("deployments");
        assertThat(asked.getFirst().namespace()).isEqualTo("ns");
        assertThat(asked.getFirst().subresource()).isEqualTo("scale");
        assertThat(asked.getLast().path()).isEqualTo("/healthz");
    }
}
