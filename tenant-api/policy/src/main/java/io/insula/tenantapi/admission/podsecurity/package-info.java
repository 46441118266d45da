/// Pod security: which pods a namespace takes, by the levels and releases of the Pod Security Standards.
///
/// [PodSecurity] is the admission plugin, `NamespacePolicy` what the labels of a namespace ask; the judgement of one
/// pod
/// is [io.insula.rules.podsecurity.PodSecurityStandards], which the host's side shares. A server sets by
/// [PodSecurityDefaults] what applies where a namespace says nothing, and what applies whatever it says.
///
/// All types are immutable. Not here: audit annotations.
@NullMarked
package io.insula.tenantapi.admission.podsecurity;

import org.jspecify.annotations.NullMarked;
