package io.insula.tenantapi.cel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.cel.library.Authorization;
import io.insula.tenantapi.cel.library.CelObjects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What expressions may cost and do cost, against the figures that upstream expects of its own cost model.
final class CostTablesTest {

    private static final Cost TWELVE = new Cost(0, 12);

    record Estimated(String expression, Cost want, Map<String, CelType> variables, Map<String, Long> sizes) {}

    static List<Estimated> core() {
        return lines("cost-core.tsv").stream().map(CostTablesTest::estimated).toList();
    }

    private static Estimated estimated(List<String> cells) {
        var variables = new HashMap<String, CelType>();
        pairs(cells.get(3)).forEach((name, type) -> variables.put(name, type(type)));
        var sizes = new HashMap<String, Long>();
        pairs(cells.get(4)).forEach((path, size) -> sizes.put(path, Long.parseLong(size)));
        return new Estimated(cells.get(0), range(cells), variables, sizes);
    }

    @ParameterizedTest
    @MethodSource("core")
    void estimatesTheLanguage(Estimated given) {
        DeclaredSizes sizes = (path, type) -> {
            Long known = given.sizes().get(String.join(".", path));
            return known != null
                    ? Optional.of(new Cost(0, known))
                    : type.equals(SimpleType.BYTES) ? Optional.of(TWELVE) : Optional.empty();
        };
        var environment = CelEnvironment.of(given.variables(), List.of());
        assertThat(environment.compile(given.expression()).estimate(sizes)).isEqualTo(given.want());
    }

    record Known(String expression, Cost want, long atRunTime) {}

    static List<Known> kubernetes() {
        return lines("cost-kubernetes.tsv").stream()
                .map(cells -> new Known(cells.get(0), range(cells), Long.parseLong(cells.get(3))))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kubernetes")
    void estimatesAndCountsTheLibraries(Known given) {
        DeclaredSizes sizes = (path, type) -> type.equals(SimpleType.STRING) || type.equals(SimpleType.BYTES)
                ? Optional.of(TWELVE)
                : Optional.empty();
        CelExpression expression = CelEnvironment.of(Map.of("authorizer", CelObjects.AUTHORIZER), List.of())
                .compile(given.expression());
        assertThat(expression.estimate(sizes)).as("estimate").isEqualTo(given.want());
        assertThat(expression
                        .evaluate(Map.of("authorizer", everybody()), CelLimits.PER_CALL)
                        .cost())
                .as("at run time")
                .isEqualTo(given.atRunTime());
    }

    private static Object everybody() {
        return new Authorization(
                new Authorization.Subject.Caller(), question -> new Authorization.Decision(true, "", ""));
    }

    private static Cost range(List<String> cells) {
        return new Cost(least(cells.get(1)), least(cells.get(2)));
    }

    /// Upstream's numbers are unsigned; ours end at [Cost#MAX].
    private static long least(String number) {
        long value = Long.parseUnsignedLong(number);
        return value < 0 ? Cost.MAX : value;
    }

    private static CelType type(String text) {
        int open = text.indexOf('(');
        String inner = open < 0 ? "" : text.substring(open + 1, text.length() - 1);
        return switch (open < 0 ? text : text.substring(0, open)) {
            case "string" -> SimpleType.STRING;
            case "bytes" -> SimpleType.BYTES;
            case "int" -> SimpleType.INT;
            case "uint" -> SimpleType.UINT;
            case "double" -> SimpleType.DOUBLE;
            case "bool" -> SimpleType.BOOL;
            case "timestamp" -> SimpleType.TIMESTAMP;
            case "object" -> MapType.create(SimpleType.STRING, SimpleType.INT);
            case "list" -> ListType.create(type(inner));
            case "map" -> {
                int comma = inner.indexOf(',');
                yield MapType.create(type(inner.substring(0, comma)), type(inner.substring(comma + 1)));
            }
            default -> throw new IllegalArgumentException("type: " + text + " (expected: one of the table's)");
        };
    }

    private static Map<String, String> pairs(String text) {
        var all = new HashMap<String, String>();
        for (String pair : text.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                all.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return all;
    }

    private static List<List<String>> lines(String file) {
        try (InputStream in = CostTablesTest.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + ": missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> List.of(line.split("\t", -1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
