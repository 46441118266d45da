package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/// Exact arithmetic on resource quantities (`500m`, `1.5Gi`). Source: kubernetes/apimachinery, `resource.Quantity`.
final class Quantities {

    private static final Map<String, BigDecimal> UNITS = Map.ofEntries(
            Map.entry("n", new BigDecimal("1e-9")),
            Map.entry("u", new BigDecimal("1e-6")),
            Map.entry("m", new BigDecimal("1e-3")),
            Map.entry("k", new BigDecimal("1e3")),
            Map.entry("M", new BigDecimal("1e6")),
            Map.entry("G", new BigDecimal("1e9")),
            Map.entry("T", new BigDecimal("1e12")),
            Map.entry("P", new BigDecimal("1e15")),
            Map.entry("E", new BigDecimal("1e18")),
            Map.entry("Ki", BigDecimal.TWO.pow(10)),
            Map.entry("Mi", BigDecimal.TWO.pow(20)),
            Map.entry("Gi", BigDecimal.TWO.pow(30)),
            Map.entry("Ti", BigDecimal.TWO.pow(40)),
            Map.entry("Pi", BigDecimal.TWO.pow(50)),
            Map.entry("Ei", BigDecimal.TWO.pow(60)));
    private static final List<String> BINARY = List.of("Ei", "Pi", "Ti", "Gi", "Mi", "Ki");
    private static final List<String> DECIMAL = List.of("E", "P", "T", "G", "M", "k");

    private Quantities() {}

    /// Zero for anything that is no quantity: validation has refused it elsewhere.
    static BigDecimal parse(String text) {
        int end = text.length();
        while (end > 0 && Character.isLetter(text.charAt(end - 1))) {
            end--;
        }
        String unit = text.substring(end);
        try {
            return unit.isEmpty() || !UNITS.containsKey(unit)
                    ? new BigDecimal(text)
                    : new BigDecimal(text.substring(0, end)).multiply(UNITS.getOrDefault(unit, BigDecimal.ONE));
        } catch (NumberFormatException e) {
            return BigDecimal.ZERO;
        }
    }

    static BigDecimal parse(JsonNode quantity) {
        return parse(quantity.asText("0"));
    }

    /// Canonical text in the family of `example`: binary where it is, else decimal, with milli below one.
    static String format(BigDecimal amount, String example) {
        if (example.endsWith("i")) {
            return withUnit(amount, BINARY);
        }
        if (amount.stripTrailingZeros().scale() > 0) {
            return amount.movePointRight(3).setScale(0, RoundingMode.CEILING).toPlainString() + "m";
        }
        return withUnit(amount, DECIMAL);
    }

    static boolean sameAmounts(JsonNode one, JsonNode other) {
        return one.size() == other.size()
                && one.properties().stream()
                        .allMatch(entry -> other.has(entry.getKey())
                                && parse(entry.getValue()).compareTo(parse(other.path(entry.getKey()))) == 0);
    }

    private static String withUnit(BigDecimal amount, List<String> units) {
        BigDecimal whole = amount.setScale(0, RoundingMode.CEILING);
        if (whole.signum() != 0) {
            for (String unit : units) {
                BigDecimal[] parts = whole.divideAndRemainder(UNITS.getOrDefault(unit, BigDecimal.ONE));
                if (parts[1].signum() == 0) {
                    return parts[0].toPlainString() + unit;
                }
            }
        }
        return whole.toPlainString();
    }
}
