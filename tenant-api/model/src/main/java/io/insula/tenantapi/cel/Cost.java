package io.insula.tenantapi.cel;

/// A range of costs or sizes; sums and products stop at [#MAX] instead of overflowing.
record Cost(long min, long max) {

    static final long MAX = Long.MAX_VALUE;
    static final Cost NONE = fixed(0);
    static final Cost ONE = fixed(1);
    static final Cost UNKNOWN = new Cost(0, MAX);

    /// What traversing a text costs per character. Source: google/cel-go, `common/cost.go`.
    static final double TRAVERSAL = 0.1;
    /// What a regular expression costs per character of the pattern.
    static final double REGEX = 0.25;

    static final long LIST_CREATION = 10;
    static final long MAP_CREATION = 30;
    static final long STRUCT_CREATION = 40;

    static Cost fixed(long value) {
        return new Cost(value, value);
    }

    Cost plus(Cost other) {
        return new Cost(sum(min, other.min), sum(max, other.max));
    }

    Cost times(Cost other) {
        return new Cost(product(min, other.min), product(max, other.max));
    }

    Cost times(double factor) {
        return new Cost(scaled(min, factor), scaled(max, factor));
    }

    Cost union(Cost other) {
        return new Cost(Math.min(min, other.min), Math.max(max, other.max));
    }

    static long sum(long a, long b) {
        return a > MAX - b ? MAX : a + b;
    }

    static long product(long a, long b) {
        return b != 0 && a > MAX / b ? MAX : a * b;
    }

    static long scaled(long value, double factor) {
        double result = Math.ceil(value * factor);
        return result >= MAX ? MAX : (long) result;
    }
}
