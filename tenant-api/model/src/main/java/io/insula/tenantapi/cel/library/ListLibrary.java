package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.INT;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.ListType;
import dev.cel.common.types.TypeParamType;
import dev.cel.common.values.CelByteString;
import io.insula.tenantapi.cel.library.CelFunctions.Body;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Sums, extremes and positions in lists. Element types are checked when a list is looked at, where upstream has one
/// overload per type. Source: kubernetes/apiserver, `pkg/cel/library/lists.go`.
final class ListLibrary {

    private static final TypeParamType ELEMENT = TypeParamType.create("A");
    private static final ListType LIST = ListType.create(ELEMENT);

    private ListLibrary() {}

    static CelFunctions functions() {
        Body sum = a -> list(a).stream().reduce(ListLibrary::plus).orElse(0L);
        return new CelFunctions()
                .member("isSorted", "list_is_sorted_bool", BOOL, a -> isSorted(list(a)), LIST)
                .member("sum", "list_sum", ELEMENT, sum, LIST)
                .member("max", "list_max", ELEMENT, a -> extreme("max", list(a), 1), LIST)
                .member("min", "list_min", ELEMENT, a -> extreme("min", list(a), -1), LIST)
                .member("indexOf", "list_a_index_of_int", INT, a -> indexOf(list(a), a[1], 1), LIST, ELEMENT)
                .member("lastIndexOf", "list_a_last_index_of_int", INT, a -> indexOf(list(a), a[1], -1), LIST, ELEMENT);
    }

    private static boolean isSorted(List<?> list) {
        for (int i = 1; i < list.size(); i++) {
            if (compare(list.get(i - 1), list.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Object extreme(String name, List<?> list, int sign) {
        if (list.isEmpty()) {
            throw new FunctionFailure(name + " called on empty list");
        }
        Object best = Objects.requireNonNull(list.getFirst());
        for (Object element : list) {
            best = compare(element, best) * sign > 0 ? element : best;
        }
        return best;
    }

    private static long indexOf(List<?> list, Object wanted, int step) {
        for (int i = step > 0 ? 0 : list.size() - 1; i >= 0 && i < list.size(); i += step) {
            if (Equality.same(list.get(i), wanted)) {
                return i;
            }
        }
        return -1;
    }

    private static Object plus(Object a, Object b) {
        try {
            if (a instanceof Long x && b instanceof Long y) {
                return Math.addExact(x, y);
            }
            if (a instanceof Double x && b instanceof Double y) {
                return x + y;
            }
            if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
                return x.plus(y);
            }
            if (a instanceof Duration x && b instanceof Duration y) {
                return x.plus(y);
            }
        } catch (ArithmeticException _) {
            throw new FunctionFailure("integer overflow");
        }
        throw new FunctionFailure("no such overload");
    }

    private static int compare(Object a, Object b) {
        if (a instanceof CelByteString x && b instanceof CelByteString y) {
            return java.util.Arrays.compareUnsigned(x.toByteArray(), y.toByteArray());
        }
        if (a instanceof Comparable<?> x && a.getClass() == b.getClass()) {
            @SuppressWarnings("unchecked")
            Comparable<Object> comparable = (Comparable<Object>) x;
            return comparable.compareTo(b);
        }
        throw new FunctionFailure("no such overload");
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object[] arguments) {
        return (List<Object>) arguments[0];
    }
}
