package io.insula.tenantapi.auth;

import java.util.Optional;

/// A service account as a user name: `system:serviceaccount:<namespace>:<name>`.
public record ServiceAccountName(String namespace, String name) {

    private static final String PREFIX = "system:serviceaccount:";

    /// Empty when `userName` is no service account's.
    public static Optional<ServiceAccountName> parse(String userName) {
        if (!userName.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String rest = userName.substring(PREFIX.length());
        int colon = rest.indexOf(':');
        boolean wellFormed = colon > 0 && colon < rest.length() - 1 && rest.indexOf(':', colon + 1) < 0;
        return wellFormed
                ? Optional.of(new ServiceAccountName(rest.substring(0, colon), rest.substring(colon + 1)))
                : Optional.empty();
    }

    public String userName() {
        return PREFIX + namespace + ":" + name;
    }
}
