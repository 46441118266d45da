package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/// Reads resource quantities (`500m`, `1Gi`, `2`, `1e3`). Source: kubernetes/apimachinery, `api/resource`.
public final class Quantities {

    private static final Map<String, BigDecimal> SUFFIXES = Map.ofEntries(
            Map.entry("n", new BigDecimal("1e-9")),
            Map.entry("u", new BigDecimal("1e-6")),
            Map.entry("m", new BigDecimal("1e-3")),
            Map.entry("", BigDecimal.ONE),
            Map.entry("k", new BigDecimal("1e3")),
            Map.entry("M", new BigDecimal("1e6")),
            Map.entry("G", new BigDecimal("1e9")),
            Map.entry("T", new BigDecimal("1e12")),
            Map.entry("P", new BigDecimal("1e15")),
            Map.entry("E", new BigDecimal("1e18")),
            Map.entry("Ki", power(1)),
            Map.entry("Mi", power(2)),
            Map.entry("Gi", power(3)),
            Map.entry("Ti", power(4)),
            Map.entry("Pi", power(5)),
            Map.entry("Ei", power(6)));

    private Quantities() {}

    /// In thousandths, rounded up; 0 where absent or malformed (validation has refused those before).
    public static long milli(JsonNode quantity) {
        return milli(quantity.asText(""));
    }

    public static long milli(String quantity) {
        String text = quantity.strip();
        int end = text.length();
        while (end > 0 && Character.isLetter(text.charAt(end - 1))) {
            end--;
        }
        BigDecimal factor = SUFFIXES.get(text.substring(end));
        try {
            BigDecimal number = factor == null ? new BigDecimal(text) : new BigDecimal(text.substring(0, end));
            BigDecimal exact =
                    number.multiply(factor == null ? BigDecimal.ONE : factor).movePointRight(3);
            return exact.setScale(0, RoundingMode.CEILING)
                    .min(BigDecimal.valueOf(Long.MAX_VALUE))
                    .longValue();
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static BigDecimal power(int exponent) {
        return BigDecimal.valueOf(1024).pow(exponent);
    }
}
