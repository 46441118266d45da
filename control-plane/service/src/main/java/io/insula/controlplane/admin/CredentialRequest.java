package io.insula.controlplane.admin;

import io.insula.controlplane.pki.ClusterPki;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Whom a kubeconfig is for: nobody is anything unless the request says so.
///
/// @param groups none unless named
/// @param validity 10 minutes to a year
record CredentialRequest(String user, List<String> groups, Duration validity) {

    static final Set<String> FIELDS = Set.of("user", "groups", "expirationSeconds");

    /// Source of the shortest: Kubernetes, CertificateSigningRequest `spec.expirationSeconds`.
    static final Duration SHORTEST = Duration.ofMinutes(10);

    static final Duration USUAL = Duration.ofDays(30);
    static final Duration LONGEST = Duration.ofDays(365);

    private static final int MAX_GROUPS = 32;

    /// What a certificate and a kubeconfig can hold without being read as something else. Source for the length:
    /// RFC 5280, `ub-common-name`.
    private static final Pattern NAME =
            Pattern.compile("[\\p{L}\\p{N}._:@/+-]([\\p{L}\\p{N} ._:@/+-]{0,62}[\\p{L}\\p{N}._:@/+-])?");

    /// The only ones among the reserved that a person can be given.
    private static final Set<String> GRANTABLE = Set.of(ClusterPki.MASTERS, ClusterPki.CLUSTER_ADMINS);

    CredentialRequest {
        groups = List.copyOf(groups);
    }

    /// An administrator whose rights can be taken away by RBAC.
    static CredentialRequest administrator() {
        return new CredentialRequest("admin", List.of(ClusterPki.CLUSTER_ADMINS), USUAL);
    }

    /// @throws AdminException 400 for what is malformed, 422 for what nobody can get
    static CredentialRequest of(StrictBody body) {
        return of(body, body.texts("groups"));
    }

    /// @param groups in place of those that the body names
    static CredentialRequest of(StrictBody body, List<String> groups) {
        String user = body.requireText("user");
        long seconds = body.number("expirationSeconds").orElse(USUAL.toSeconds());
        requireName("user", user);
        if (user.startsWith("system:")) {
            throw AdminException.invalid(
                    "user: \"" + user + "\" (expected: a name that does not begin with \"system:\")");
        }
        if (groups.size() > MAX_GROUPS) {
            throw AdminException.invalid("groups: " + groups.size() + " (expected: at most " + MAX_GROUPS + ")");
        }
        groups.forEach(CredentialRequest::requireGroup);
        if (seconds < SHORTEST.toSeconds() || seconds > LONGEST.toSeconds()) {
            throw AdminException.invalid("expirationSeconds: " + seconds + " (expected: " + SHORTEST.toSeconds() + ".."
                    + LONGEST.toSeconds() + ")");
        }
        return new CredentialRequest(user, groups, Duration.ofSeconds(seconds));
    }

    /// What the event says of it.
    void tell(AdminCall call) {
        call.annotate("kubeconfig-user", user);
        call.annotate("kubeconfig-groups", String.join(",", groups));
        call.annotate("kubeconfig-seconds", Long.toString(validity.toSeconds()));
    }

    /// @throws AdminException 422 for one that nobody can be put into
    static void requireGroup(String group) {
        requireName("groups", group);
        boolean reserved = group.startsWith("system:") || group.startsWith(ClusterPki.OWN);
        if (reserved && !GRANTABLE.contains(group)) {
            throw AdminException.invalid("groups: \"" + group + "\" (expected: none that begins with \"system:\" or"
                    + " \"" + ClusterPki.OWN + "\", but for "
                    + String.join(", ", GRANTABLE.stream().sorted().toList()) + ")");
        }
    }

    /// @throws AdminException 422 where it does not fit into a certificate
    static void requireName(String field, String name) {
        if (!isName(name)) {
            throw AdminException.invalid(
                    field + ": \"" + name + "\" (expected: 1 to 64 letters, digits, blanks within and . _ : @ / + -)");
        }
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }
}
