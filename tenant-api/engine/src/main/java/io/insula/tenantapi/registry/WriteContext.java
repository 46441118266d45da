package io.insula.tenantapi.registry;

import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Instant;
import java.util.List;

/// What a kind's hooks may know of the write they are part of.
///
/// @param subresource empty for the main resource
/// @param now the time of the request
/// @param client reads other objects of the same tenant as the server itself
/// @param warnings add texts here to send them as `Warning` headers
public record WriteContext(
        UserInfo user,
        String subresource,
        boolean dryRun,
        Instant now,
        ObjectClient client,
        ServerServices services,
        List<String> warnings) {}
