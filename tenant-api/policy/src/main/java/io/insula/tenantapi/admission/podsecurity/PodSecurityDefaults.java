package io.insula.tenantapi.admission.podsecurity;

import io.insula.rules.podsecurity.PodSecurityLevel;

/// What one server asks of pods beyond the labels of their namespace.
///
/// @param enforce where a namespace has no `enforce` label
/// @param floor whatever the namespace says: a tenant's administrator cannot label it away
public record PodSecurityDefaults(PodSecurityLevel enforce, PodSecurityLevel floor) {

    /// Upstream's default: namespaces decide alone.
    public static final PodSecurityDefaults OPEN =
            new PodSecurityDefaults(PodSecurityLevel.PRIVILEGED, PodSecurityLevel.PRIVILEGED);
}
