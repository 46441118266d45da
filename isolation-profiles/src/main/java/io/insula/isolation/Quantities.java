package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Quantities as numbers, and back as Kubernetes writes them.
final class Quantities {

    /// Beyond any machine, and small enough that sums stay within Kubernetes' 64 bits.
    static final BigDecimal LARGEST = BigDecimal.valueOf(1L << 53);

    private Quantities() {}

    /// What `quantity` says; empty if it says no number.
    static Optional<BigDecimal> read(Quantity quantity) {
        try {
            return Optional.of(quantity.getNumericalAmount());
        } catch (IllegalArgumentException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /// Zero stands for "no bound" in Kubernetes, so it counts as not given.
    static @Nullable Quantity given(Map<String, Quantity> amounts, String name) {
        var quantity = amounts.get(name);
        return quantity == null || quantity.getNumericalAmount().signum() == 0 ? null : quantity;
    }

    /// As it was written, unless that is finer than Kubernetes counts.
    static Quantity whole(String name, Quantity quantity) {
        var amount = quantity.getNumericalAmount();
        var units = name.equals("cpu") ? amount.movePointRight(3) : amount;
        return units.stripTrailingZeros().scale() <= 0 ? quantity : of(name, amount);
    }

    /// Rounded up to 1m of CPU, and to one of anything else, as Kubernetes counts no finer.
    static Quantity of(String name, BigDecimal amount) {
        return name.equals("cpu")
                ? new Quantity(amount.movePointRight(3)
                                .setScale(0, RoundingMode.CEILING)
                                .toPlainString() + "m")
                : new Quantity(amount.setScale(0, RoundingMode.CEILING).toPlainString());
    }
}
