/// Pod security: which pods a namespace takes, by the levels and releases of the Pod Security Standards.
///
/// `PodSecurity` is the admission plugin, `NamespacePolicy` what the labels of a namespace ask; the judgement
/// of one pod is [io.insula.rules.podsecurity.PodSecurityStandards], which the host's side shares. What a
/// tenant's profile asks whatever its namespaces say is no matter of this server: who runs it brings a plugin
/// of its own.
///
/// All types are immutable. Not here: audit annotations.
@NullMarked
package io.insula.tenantapi.admission.podsecurity;

import org.jspecify.annotations.NullMarked;
