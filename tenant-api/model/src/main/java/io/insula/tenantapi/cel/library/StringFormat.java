package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.DYN;
import static dev.cel.common.types.SimpleType.STRING;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `text.format([…])`, the one function of the strings extension that `dev.cel` lacks. Source: google/cel-go,
/// `ext/formatting.go`.
final class StringFormat {

    private static final int DEFAULT_PRECISION = 6;
    private static final Pattern CLAUSE = Pattern.compile("(?:\\.(\\d{1,3}))?([a-zA-Z])");

    private StringFormat() {}

    static CelFunctions functions() {
        return new CelFunctions()
                .member(
                        "format",
                        "string_format",
                        STRING,
                        a -> format((String) a[0], (List<?>) a[1]),
                        STRING,
                        ListType.create(DYN));
    }

    private static String format(String pattern, List<?> arguments) {
        var text = new StringBuilder();
        int next = 0;
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at++);
            if (c != '%') {
                text.append(c);
                continue;
            }
            if (at < pattern.length() && pattern.charAt(at) == '%') {
                text.append('%');
                at++;
                continue;
            }
            Matcher clause = CLAUSE.matcher(pattern).region(at, pattern.length());
            if (!clause.lookingAt()) {
                throw new FunctionFailure(
                        at == pattern.length()
                                ? "unexpected end of string"
                                : "could not parse formatting clause: error while converting precision");
            }
            if (next >= arguments.size()) {
                throw new FunctionFailure("index " + next + " out of range");
            }
            int precision = clause.group(1) == null ? DEFAULT_PRECISION : Integer.parseInt(clause.group(1));
            char verb = clause.group(2).charAt(0);
            text.append(clause(verb, precision, Objects.requireNonNull(arguments.get(next++))));
            at = clause.end();
        }
        return text.toString();
    }

    private static String clause(char verb, int precision, Object value) {
        return switch (verb) {
            case 's' -> shown(value);
            case 'd' -> decimal(value);
            case 'f' -> fixed(value, precision);
            case 'e' -> scientific(value, precision);
            case 'b' ->
                value instanceof Boolean flag
                        ? (flag ? "1" : "0")
                        : integer(value, verb).toString(2);
            case 'o' -> integer(value, verb).toString(8);
            case 'x' -> hex(value);
            case 'X' -> hex(value).toUpperCase(Locale.ROOT);
            default ->
                throw new FunctionFailure(
                        "could not parse formatting clause: unrecognized formatting clause \"" + verb + "\"");
        };
    }

    private static String shown(Object value) {
        return switch (value) {
            case String text -> text;
            case Boolean flag -> flag.toString();
            case Long number -> number.toString();
            case UnsignedLong number -> number.toString();
            case Double number -> plain(number);
            case NullValue _ -> "null";
            case CelByteString bytes -> new String(bytes.toByteArray(), StandardCharsets.UTF_8);
            case Instant instant -> instant.toString();
            case Duration duration -> seconds(duration);
            case CelType type -> type.name();
            case List<?> list -> list.stream().map(StringFormat::literal).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(e -> literal(e.getKey()) + ": " + literal(e.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", ", "{", "}"));
            default ->
                throw new FunctionFailure("error during formatting: string clause can only be used on strings,"
                        + " bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps");
        };
    }

    /// As shown in lists and maps.
    private static String literal(Object value) {
        return switch (value) {
            case String text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
            case CelByteString bytes -> "b\"" + new String(bytes.toByteArray(), StandardCharsets.UTF_8) + '"';
            case Instant instant -> "timestamp(\"" + instant + "\")";
            case Duration duration -> "duration(\"" + seconds(duration) + "\")";
            case Double number -> fixed(number, DEFAULT_PRECISION);
            default -> shown(value);
        };
    }

    private static String plain(Double number) {
        if (number.isNaN() || number.isInfinite()) {
            return number.isNaN() ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        }
        return new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
    }

    private static String seconds(Duration duration) {
        BigDecimal exact = BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNano(), 9))
                .stripTrailingZeros();
        return exact.toPlainString() + "s";
    }

    private static String decimal(Object value) {
        if (value instanceof Long || value instanceof UnsignedLong) {
            return value.toString();
        }
        throw new FunctionFailure(
                "error during formatting: decimal clause can only be used on integers, was given " + typeName(value));
    }

    private static String fixed(Object value, int precision) {
        double number = floating(value, "fixed-point");
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return plain(number);
        }
        return new BigDecimal(number)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    private static String scientific(Object value, int precision) {
        double number = floating(value, "scientific");
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return plain(number);
        }
        return String.format(Locale.ROOT, "%." + precision + "e", number);
    }

    private static double floating(Object value, String what) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new FunctionFailure("error during formatting: " + what + " clause can only be used on doubles, was given "
                + typeName(value));
    }

    private static BigInteger integer(Object value, char verb) {
        return switch (value) {
            case Long number -> BigInteger.valueOf(number);
            case UnsignedLong number -> number.bigIntegerValue();
            default ->
                throw new FunctionFailure("error during formatting: only integers"
                        + (verb == 'b' ? " and bools can be formatted as binary" : " can be formatted as octal")
                        + ", was given " + typeName(value));
        };
    }

    private static String hex(Object value) {
        return switch (value) {
            case Long number -> Long.toString(number, 16);
            case UnsignedLong number -> number.toString(16);
            case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
            case CelByteString bytes -> HexFormat.of().formatHex(bytes.toByteArray());
            default ->
                throw new FunctionFailure("error during formatting: only integers, byte buffers, and strings can"
                        + " be formatted as hex, was given " + typeName(value));
        };
    }

    private static String typeName(Object value) {
        return switch (value) {
            case String _ -> "string";
            case Boolean _ -> "bool";
            case Double _ -> "double";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "map";
            case NullValue _ -> "null_type";
            case CelByteString _ -> "bytes";
            case Instant _ -> "google.protobuf.Timestamp";
            case Duration _ -> "google.protobuf.Duration";
            default -> value.getClass().getSimpleName();
        };
    }
}
