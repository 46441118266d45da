package io.insula.tenantapi.auth;

import java.util.List;
import java.util.Map;

/// An authenticated user.
///
/// @param uid empty where unknown
/// @param groups including `system:authenticated` or `system:unauthenticated`
public record UserInfo(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

    public static final String MASTERS = "system:masters";
    public static final String AUTHENTICATED = "system:authenticated";

    public static final String UNAUTHENTICATED = "system:unauthenticated";
    public static final String ANONYMOUS = "system:anonymous";

    public UserInfo {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }

    /// The server acting on its own behalf: may do everything.
    public static UserInfo loopback() {
        return new UserInfo("system:apiserver", "", List.of(MASTERS, AUTHENTICATED), Map.of());
    }

    /// A controller of the tenant's own controller manager: may do everything, audited under its own name.
    public static UserInfo controller(String name) {
        return new UserInfo("system:controller:" + name, "", List.of(MASTERS, AUTHENTICATED), Map.of());
    }
}
