package io.insula.isolation;

import org.jspecify.annotations.Nullable;

/// What is said of a value in the spec of an `IsolationProfile` that cannot be so. Stateless.
final class SpecErrors {

    private SpecErrors() {}

    /// @param field its path below `spec`
    /// @param value as it was read; texts are told in quotes
    static IllegalArgumentException wrong(String field, @Nullable Object value, String expected) {
        return new IllegalArgumentException(field + ": " + (value instanceof String ? "\"" + value + "\"" : value)
                + " (expected: " + expected + ")");
    }
}
