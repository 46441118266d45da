package io.insula.tenantapi.kinds;

import io.insula.rules.resources.Quantity;
import java.math.BigDecimal;
import java.util.Optional;

/// Resource quantities (`500m`, `1Gi`, `2e3`) as numbers. Source: kubernetes/apimachinery `api/resource`.
public final class Quantities {

    private Quantities() {}

    /// The value in the base unit; empty when `text` is no quantity.
    public static Optional<BigDecimal> parse(String text) {
        return Quantity.parse(text).map(Quantity::value);
    }
}
