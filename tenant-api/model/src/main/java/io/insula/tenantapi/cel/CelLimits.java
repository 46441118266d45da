package io.insula.tenantapi.cel;

/// Upstream's limits. Source: kubernetes/apiserver, `pkg/apis/cel/config.go` and `pkg/cel/limits.go`;
/// kubernetes/apiextensions-apiserver, `apis/apiextensions/validation`.
public final class CelLimits {

    /// Cost units that one evaluation may take.
    public static final long PER_CALL = 1_000_000;
    /// Cost units that all rules of an object, or all validations of a policy binding, may take together.
    public static final long RUNTIME_BUDGET = 10_000_000;
    /// Cost units that the match conditions of one webhook or policy may take together.
    public static final long MATCH_CONDITIONS_BUDGET = 2_500_000;
    /// The estimate that one rule of a custom resource may have.
    public static final long ESTIMATE_PER_RULE = 10_000_000;
    /// The estimate that all rules of a custom resource may have together.
    public static final long ESTIMATE_PER_DEFINITION = 100_000_000;
    /// The longest text that a messageExpression may give, in bytes.
    public static final int MAX_MESSAGE_BYTES = 5 * 1024;

    /// The largest request, in bytes: it bounds whatever a schema leaves open.
    static final long MAX_REQUEST_BYTES = 3L * 1024 * 1024;

    static final long MAX_DURATION_JSON = 32;
    static final long MAX_DATETIME_JSON = 32;
    static final long MIN_DURATION_JSON = 3;
    static final long DATE_JSON = 12;
    static final long MIN_DATETIME_JSON = 21;
    static final long MIN_STRING = 2;
    static final long MIN_BOOL = 4;
    static final long MIN_NUMBER = 1;

    private CelLimits() {}
}
