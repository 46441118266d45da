package io.insula.tenantapi.auth.structured;

import java.util.Set;

/// Where a request without credentials is `system:anonymous`.
///
/// @param paths exactly these; empty for all. Of no meaning where not enabled
public record AnonymousAccess(boolean enabled, Set<String> paths) {

    /// What holds when nothing is configured: health and version, nothing that a role could open further.
    public static final AnonymousAccess STANDARD = new AnonymousAccess(
            true, Set.of("/livez", "/readyz", "/healthz", "/version", "/version/", "/livez/ping", "/readyz/ping"));

    public AnonymousAccess {
        paths = Set.copyOf(paths);
    }

    public boolean allows(String path) {
        return enabled && (paths.isEmpty() || paths.contains(path));
    }
}
