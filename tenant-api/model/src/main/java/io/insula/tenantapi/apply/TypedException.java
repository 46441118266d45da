package io.insula.tenantapi.apply;

/// A value that does not fit its type. Not seen outside the package.
final class TypedException extends RuntimeException {

    /// @param path e.g. `.spec.ports`; may be empty
    TypedException(String path, String message) {
        super(path.isEmpty() ? message : path + ": " + message);
    }
}
