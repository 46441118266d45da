package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.DOUBLE;
import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;
import static io.insula.tenantapi.cel.library.CelObjects.QUANTITY;

import io.insula.rules.resources.Quantity;
import java.math.BigDecimal;

/// Resource quantities. Source: kubernetes/apiserver, `pkg/cel/library/quantity.go`.
final class QuantityLibrary {

    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private QuantityLibrary() {}

    static CelFunctions functions() {
        return new CelFunctions()
                .global("quantity", "string_to_quantity", QUANTITY, a -> parse((String) a[0]), STRING)
                .global(
                        "isQuantity",
                        "is_quantity_string",
                        BOOL,
                        a -> Quantity.parse((String) a[0]).isPresent(),
                        STRING)
                .global(
                        "sign",
                        "quantity_sign",
                        INT,
                        a -> (long) at(a, 0).value().signum(),
                        QUANTITY)
                .member("isGreaterThan", "quantity_is_greater_than", BOOL, a -> compare(a) > 0, QUANTITY, QUANTITY)
                .member("isLessThan", "quantity_is_less_than", BOOL, a -> compare(a) < 0, QUANTITY, QUANTITY)
                .member("compareTo", "quantity_compare_to", INT, QuantityLibrary::compare, QUANTITY, QUANTITY)
                .member(
                        "asApproximateFloat",
                        "quantity_get_float",
                        DOUBLE,
                        a -> at(a, 0).value().doubleValue(),
                        QUANTITY)
                .member("asInteger", "quantity_get_int", INT, a -> whole(at(a, 0)), QUANTITY)
                .member("isInteger", "quantity_is_integer", BOOL, a -> isWhole(at(a, 0)), QUANTITY)
                .member("add", "quantity_add", QUANTITY, a -> at(a, 0).plus(at(a, 1)), QUANTITY, QUANTITY)
                .member("add", "quantity_add_int", QUANTITY, a -> at(a, 0).plus(of((Long) a[1])), QUANTITY, INT)
                .member("sub", "quantity_sub", QUANTITY, a -> at(a, 0).minus(at(a, 1)), QUANTITY, QUANTITY)
                .member("sub", "quantity_sub_int", QUANTITY, a -> at(a, 0).minus(of((Long) a[1])), QUANTITY, INT);
    }

    private static Quantity parse(String text) {
        return Quantity.parse(text).orElseThrow(() -> new FunctionFailure(Quantity.ERROR));
    }

    private static Quantity of(long number) {
        return new Quantity(BigDecimal.valueOf(number), Quantity.Format.DECIMAL_SI);
    }

    private static long compare(Object[] arguments) {
        return Integer.signum(at(arguments, 0).compareTo(at(arguments, 1)));
    }

    private static boolean isWhole(Quantity quantity) {
        return quantity.value().stripTrailingZeros().scale() <= 0
                && quantity.value().abs().compareTo(MAX) < 0;
    }

    private static long whole(Quantity quantity) {
        if (!isWhole(quantity)) {
            throw new FunctionFailure("cannot convert value to integer");
        }
        return quantity.value().longValueExact();
    }

    private static Quantity at(Object[] arguments, int index) {
        return (Quantity) arguments[index];
    }
}
