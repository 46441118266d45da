/// Pod security: which pods a namespace takes, by the three levels of the Pod Security Standards.
///
/// [PodSecurity] is the admission plugin, [PodSecurityStandards] the pure judgement of one pod spec, one `PodCheck` per
/// rule of the standards in `BaselineChecks` and `RestrictedChecks`. A server sets by [PodSecurityDefaults] what
/// applies
/// where a namespace says nothing, and what applies whatever it says.
///
/// All types are immutable. Not here: older versions of the standards (every version label is judged by the latest) and
/// audit annotations.
@NullMarked
package io.insula.tenantapi.admission.podsecurity;

import org.jspecify.annotations.NullMarked;
