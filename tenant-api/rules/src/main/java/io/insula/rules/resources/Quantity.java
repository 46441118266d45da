package io.insula.rules.resources;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/// A resource quantity: `100m`, `1.5Gi`, `12e6`. Immutable. [#toString] is upstream's canonical form: no
/// fraction, the largest fitting suffix of the family it was written in. Source: kubernetes/apimachinery,
/// `api/resource`.
public record Quantity(BigDecimal value, Format format) implements Comparable<Quantity> {

    /// The family of suffixes.
    public enum Format {
        DECIMAL_SI,
        BINARY_SI,
        DECIMAL_EXPONENT
    }

    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL_SI);
    public static final Quantity ONE = new Quantity(BigDecimal.ONE, Format.DECIMAL_SI);

    /// What upstream says of text that is no quantity.
    public static final String ERROR =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static final Pattern TEXT =
            Pattern.compile("([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,9}))?");
    private static final List<String> DECIMAL = List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final BigInteger THOUSAND = BigInteger.valueOf(1000);
    private static final BigInteger KIBI = BigInteger.valueOf(1024);
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int NANO = 9;

    /// Longer ones are no quantities: reading digits takes more than linear time, and all beyond 2^63 are the same.
    private static final int LONGEST = 1000;

    /// Empty when `text` is no quantity. Values finer than a nano-unit are rounded away from zero, values beyond
    /// 2^63-1 are cut.
    public static Optional<Quantity> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var number = new BigDecimal(plain(matcher.group(1)));
        String suffix = matcher.group(2) == null ? "" : matcher.group(2);
        if (matcher.group(3) != null) {
            int exponent = Math.clamp(Long.parseLong(matcher.group(3)), -1000, 1000);
            return Optional.of(of(number.scaleByPowerOfTen(exponent), Format.DECIMAL_EXPONENT));
        }
        int binary = BINARY.indexOf(suffix);
        if (binary > 0) {
            return Optional.of(of(number.multiply(new BigDecimal(KIBI.pow(binary))), Format.BINARY_SI));
        }
        return Optional.of(of(number.scaleByPowerOfTen((DECIMAL.indexOf(suffix) - 3) * 3), Format.DECIMAL_SI));
    }

    /// Nothing where `text` is no quantity, for what validation has let in or a node reports.
    public static Quantity orZero(String text) {
        return parse(text).orElse(ZERO);
    }

    /// The canonical form of `text`; empty when it is no quantity.
    public static Optional<String> canonical(String text) {
        return parse(text).map(Quantity::toString);
    }

    private static Quantity of(BigDecimal value, Format format) {
        BigDecimal cut = value.min(MAX).max(MAX.negate());
        return new Quantity(cut.scale() > NANO ? cut.setScale(NANO, RoundingMode.UP) : cut, format);
    }

    private static String plain(String number) {
        return number.endsWith(".") ? number.substring(0, number.length() - 1) : number;
    }

    public Quantity plus(Quantity other) {
        return of(value.add(other.value), value.signum() == 0 ? other.format : format);
    }

    public Quantity minus(Quantity other) {
        return of(value.subtract(other.value), value.signum() == 0 ? other.format : format);
    }

    /// In whole units, rounded up.
    public long longValue() {
        return value.setScale(0, RoundingMode.CEILING).longValue();
    }

    /// In thousandths, rounded up; the greatest number there is for what is more.
    public long milliValue() {
        return value.scaleByPowerOfTen(3)
                .setScale(0, RoundingMode.CEILING)
                .min(MAX)
                .max(MAX.negate())
                .longValue();
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    /// By value: `1` equals `1000m`.
    @Override
    public boolean equals(Object other) {
        return other instanceof Quantity quantity && compareTo(quantity) == 0;
    }

    @Override
    public int hashCode() {
        return value.stripTrailingZeros().hashCode();
    }

    @Override
    public String toString() {
        if (value.signum() == 0) {
            return "0";
        }
        boolean whole = value.stripTrailingZeros().scale() <= 0;
        boolean small = value.abs().compareTo(new BigDecimal(KIBI)) < 0;
        return format == Format.BINARY_SI && whole && !small ? binary() : decimal();
    }

    private String binary() {
        BigInteger number = value.toBigIntegerExact();
        int power = 0;
        while (power < BINARY.size() - 1 && number.mod(KIBI).signum() == 0) {
            number = number.divide(KIBI);
            power++;
        }
        return number + BINARY.get(power);
    }

    private String decimal() {
        BigInteger number = value.scaleByPowerOfTen(NANO).toBigIntegerExact();
        int power = 0;
        int last = format == Format.DECIMAL_EXPONENT ? Integer.MAX_VALUE : DECIMAL.size() - 1;
        while (power < last && number.mod(THOUSAND).signum() == 0) {
            number = number.divide(THOUSAND);
            power++;
        }
        int exponent = power * 3 - NANO;
        if (format == Format.DECIMAL_EXPONENT) {
            return exponent == 0 ? number.toString() : number + "e" + exponent;
        }
        return number + DECIMAL.get(power);
    }
}
