package io.insula.tenantapi.apply;

import java.util.List;

/// A value that does not fit its type. Not seen outside the package.
final class TypedException extends RuntimeException {

    /// @param path e.g. `.spec.ports`; may be empty
    TypedException(String path, String message) {
        this(path.isEmpty() ? message : path + ": " + message);
    }

    private TypedException(String text) {
        super(text);
    }

    /// Several findings in the words of structured-merge-diff's `ValidationErrors`.
    static TypedException of(List<String> findings) {
        return new TypedException(
                findings.size() == 1 ? findings.getFirst() : "errors:\n  " + String.join("\n  ", findings));
    }
}
