package io.insula.tenantapi.cel;

import dev.cel.common.values.CelByteString;
import io.insula.tenantapi.cel.library.CelObjects;
import io.insula.tenantapi.cel.library.NamedFormat;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What one call has cost, known its arguments. Source: kubernetes/apiserver, `pkg/cel/library/cost.go` (CallCost),
/// and google/cel-go, `interpreter/runtimecost.go`.
final class CallCosts {

    private static final long AUTHORIZATION = 350_000;

    private CallCosts() {}

    /// @param overload empty where several match
    /// @param arguments the target of a member function first
    static long of(String function, String overload, Object[] arguments, @Nullable Object result) {
        return switch (function) {
            case "check" -> AUTHORIZATION;
            case "fieldSelector", "labelSelector" -> selector(size(arguments, 1));
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> traversal(arguments[0]);
            case "url", "lowerAscii", "upperAscii", "substring", "trim", "cidr", "isIP", "isCIDR" ->
                text(size(arguments, 0), 1);
            case "quantity", "isQuantity", "semver", "isSemver" -> text(size(arguments, 0), 1);
            case "replace", "split", "ip.isCanonical" -> text(size(arguments, 0), 2);
            case "join" -> text(sizeOf(result), 2);
            case "find", "findAll" -> regex(size(arguments, 0), size(arguments, 1));
            case "ip" -> overload.equals("cidr_ip") ? 1 : text(size(arguments, 0), 1);
            case "containsIP" -> network(arguments, overload.equals("cidr_contains_ip_string"), 0);
            case "containsCIDR" -> network(arguments, overload.equals("cidr_contains_cidr_string"), 2);
            case "sets.contains", "sets.intersects" ->
                Cost.sum(Cost.product(size(arguments, 0), size(arguments, 1)), 1);
            case "sets.equivalent" ->
                Cost.sum(Cost.product(2, Cost.product(size(arguments, 0), size(arguments, 1))), 1);
            case "validate" ->
                arguments[0] instanceof NamedFormat format ? regex(size(arguments, 1), format.regexSize()) : 1;
            default -> standard(function, overload, arguments);
        };
    }

    private static long standard(String function, String overload, Object[] arguments) {
        if (function.equals("_==_") && CelObjects.isOne(arguments[0])) {
            return 1;
        }
        return switch (overload) {
            case "starts_with_string", "ends_with_string" -> text(size(arguments, 0), 1);
            case "string_to_bytes", "bytes_to_string", "string_format", "strings_quote" -> text(size(arguments, 0), 1);
            case "in_list" -> size(arguments, 1);
            case "less_string",
                    "greater_string",
                    "less_equals_string",
                    "greater_equals_string",
                    "less_bytes",
                    "greater_bytes",
                    "less_equals_bytes",
                    "greater_equals_bytes",
                    "equals",
                    "not_equals" -> text(Math.min(size(arguments, 0), size(arguments, 1)), 1);
            case "add_string", "add_bytes" -> text(size(arguments, 0) + size(arguments, 1), 1);
            case "matches", "matches_string" -> regex(size(arguments, 0), size(arguments, 1));
            case "contains_string" -> text(size(arguments, 0), 1) * text(size(arguments, 1), 1);
            default -> 1;
        };
    }

    private static long text(long size, int times) {
        return Cost.scaled(size, times * Cost.TRAVERSAL);
    }

    private static long regex(long textSize, long patternSize) {
        return Cost.scaled(1 + textSize, Cost.TRAVERSAL) * Cost.scaled(patternSize, Cost.REGEX);
    }

    private static long selector(long length) {
        double perRequirement = Cost.LIST_CREATION + Cost.STRUCT_CREATION;
        return Cost.LIST_CREATION
                + Cost.scaled(length, Cost.TRAVERSAL)
                + Cost.scaled(Cost.scaled(length, 0.5), perRequirement);
    }

    /// A network's size is that of one value, 1: the comparison of two byte arrays.
    private static long network(Object[] arguments, boolean parses, long more) {
        return text(2, 1) + more + (parses ? text(size(arguments, 1), 1) : 0);
    }

    /// The cost of walking through all of a value.
    private static long traversal(@Nullable Object value) {
        return switch (value) {
            case String text -> (long) (text.length() * Cost.TRAVERSAL);
            case CelByteString bytes -> (long) (bytes.size() * Cost.TRAVERSAL);
            case Collection<?> list ->
                list.stream().mapToLong(CallCosts::traversal).sum();
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .mapToLong(e -> traversal(e.getKey()) + traversal(e.getValue()))
                        .sum();
            case null, default -> 1;
        };
    }

    private static long size(Object[] arguments, int index) {
        return index < arguments.length ? sizeOf(arguments[index]) : 1;
    }

    private static long sizeOf(@Nullable Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case CelByteString bytes -> bytes.size();
            case Collection<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case Optional<?> optional when optional.isPresent() -> sizeOf(optional.get());
            case null, default -> 1;
        };
    }
}
