package io.insula.tenantapi.cel.library;

import com.google.common.primitives.UnsignedLong;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// CEL's equality: numbers by value whatever their type, lists in order, but sets and maps among [FrozenList]s in any.
public final class Equality {

    private Equality() {}

    public static boolean same(@Nullable Object a, @Nullable Object b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        if (a instanceof Number x && b instanceof Number y) {
            return sameNumber(x, y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean unordered = isUnordered(x) || isUnordered(y);
            return x.size() == y.size() && (unordered ? sameElements(x, y) : sameList(x, y));
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return sameMap(x, y);
        }
        return a.equals(b);
    }

    private static boolean isUnordered(List<?> list) {
        return list instanceof FrozenList frozen && frozen.isUnordered();
    }

    private static boolean sameNumber(Number a, Number b) {
        if (a instanceof Long && b instanceof Long) {
            return a.longValue() == b.longValue();
        }
        if (a instanceof Double x && b instanceof Double y) {
            return x.doubleValue() == y.doubleValue();
        }
        if (isOdd(a) || isOdd(b)) {
            return false;
        }
        return exact(a).compareTo(exact(b)) == 0;
    }

    private static boolean isOdd(Number number) {
        return number instanceof Double d && (d.isNaN() || d.isInfinite());
    }

    private static BigDecimal exact(Number number) {
        return switch (number) {
            case Double d -> new BigDecimal(d);
            case UnsignedLong u -> new BigDecimal(u.bigIntegerValue());
            case BigInteger i -> new BigDecimal(i);
            default -> BigDecimal.valueOf(number.longValue());
        };
    }

    private static boolean sameList(List<?> a, List<?> b) {
        for (int i = 0; i < a.size(); i++) {
            if (!same(a.get(i), b.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameElements(List<?> a, List<?> b) {
        var rest = new ArrayList<Object>(b);
        for (Object element : a) {
            int found = -1;
            for (int i = 0; i < rest.size() && found < 0; i++) {
                found = same(element, rest.get(i)) ? i : -1;
            }
            if (found < 0) {
                return false;
            }
            rest.remove(found);
        }
        return true;
    }

    private static boolean sameMap(Map<?, ?> a, Map<?, ?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            if (!b.containsKey(entry.getKey()) || !same(entry.getValue(), b.get(entry.getKey()))) {
                return false;
            }
        }
        return true;
    }
}
