package io.insula.tenantapi.cel;

/// An expression that cannot be compiled, or whose evaluation failed. The message is upstream's wording.
public final class CelException extends RuntimeException {

    /// What an evaluation ends with when it has used up its limit.
    public static final String COST_EXCEEDED = "operation cancelled: actual cost limit exceeded";

    private static final long serialVersionUID = 1L;

    private final long cost;

    CelException(String message) {
        this(message, 0);
    }

    CelException(String message, long cost) {
        super(message);
        this.cost = cost;
    }

    /// A failure in a caller's own words.
    public static CelException of(String message) {
        return new CelException(message);
    }

    /// What the evaluation had cost until it failed.
    public long cost() {
        return cost;
    }

    public boolean isCostExceeded() {
        return String.valueOf(getMessage()).startsWith(COST_EXCEEDED);
    }

    /// The message, never null.
    public String text() {
        return String.valueOf(getMessage());
    }
}
