package io.insula.syncer.engine;

import java.util.regex.Pattern;

/// A tenant as the host knows it: the name of its `Tenant` custom resource. Immutable.
///
/// @param value a DNS label of at most 56 characters, so that the host namespace is one too
public record TenantId(String value) {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?");

    public TenantId {
        if (!LABEL.matcher(value).matches()) {
            throw new IllegalArgumentException("tenant: \"" + value + "\" (expected: a DNS label of <= 56 characters)");
        }
    }

    /// The one host namespace that holds all of the tenant's objects.
    public String hostNamespace() {
        return "insula-" + value;
    }

    @Override
    public String toString() {
        return value;
    }
}
