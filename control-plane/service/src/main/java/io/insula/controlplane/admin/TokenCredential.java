package io.insula.controlplane.admin;

import io.insula.tenantapi.auth.UserInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a token is worth in a tenant: its user, its groups, and those that the tenant's own list adds. Immutable.
///
/// @param leftOut groups of the token that a certificate cannot carry: the user has fewer rights, never others
record TokenCredential(CredentialRequest request, List<String> leftOut) {

    /// Long enough for a day's calls to be few, short enough that whoever is taken out of a group is out soon.
    static final Duration USUAL = Duration.ofMinutes(15);

    static final Duration LONGEST = Duration.ofHours(1);

    /// A certificate goes over the wire with each connection.
    private static final int MOST_GROUPS = 64;

    TokenCredential {
        leftOut = List.copyOf(leftOut);
    }

    /// @throws AdminException 422 for a user whom a certificate cannot name, or a lifetime that nobody can get
    static TokenCredential of(UserInfo user, TenantAccess access, Optional<Long> seconds) {
        CredentialRequest.requireName("user", user.name());
        long life = seconds.orElse(USUAL.toSeconds());
        if (life < CredentialRequest.SHORTEST.toSeconds() || life > LONGEST.toSeconds()) {
            throw AdminException.invalid("expirationSeconds: " + life + " (expected: "
                    + CredentialRequest.SHORTEST.toSeconds() + ".." + LONGEST.toSeconds() + ")");
        }
        List<String> own = user.groups().stream()
                .filter(group -> group.startsWith(OidcPlan.PREFIX))
                .distinct()
                .toList();
        List<String> added = access.clusterGroups(own).stream()
                .peek(CredentialRequest::requireGroup)
                .toList();
        var carried = new ArrayList<String>();
        var leftOut = new ArrayList<String>();
        for (String group : own) {
            boolean fits = CredentialRequest.isName(group) && carried.size() < MOST_GROUPS;
            (fits ? carried : leftOut).add(group);
        }
        return new TokenCredential(
                new CredentialRequest(
                        user.name(),
                        Stream.concat(carried.stream(), added.stream())
                                .distinct()
                                .toList(),
                        Duration.ofSeconds(life)),
                leftOut);
    }
}
