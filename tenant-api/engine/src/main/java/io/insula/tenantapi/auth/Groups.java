package io.insula.tenantapi.auth;

import java.util.ArrayList;
import java.util.List;

/// The groups that the server itself adds.
final class Groups {

    private Groups() {}

    /// `groups` and, if not yet there, `system:authenticated` at the end.
    static List<String> authenticated(List<String> groups) {
        if (groups.contains(UserInfo.AUTHENTICATED)) {
            return List.copyOf(groups);
        }
        var all = new ArrayList<>(groups);
        all.add(UserInfo.AUTHENTICATED);
        return List.copyOf(all);
    }

    /// The groups of every service account of `namespace`, without `system:authenticated`.
    static List<String> ofServiceAccounts(String namespace) {
        return List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace);
    }
}
