/// The Pod Security Standards: one table for everybody who judges pods, on the tenant's side and on the host's.
///
/// A caller reads its own form of a pod into [PodFacts] ([JsonPods] reads JSON trees) and asks [PodSecurityStandards]
/// for the [Violation]s of a [PodSecurityLevel] at a [PodSecurityVersion]; [AllowedValues] are the sets that the table
/// judges by, for those who must say them in another language. All of it is pure and immutable.
///
/// Not here: which level holds for whom, and what happens to a pod that breaks it.
@NullMarked
package io.insula.rules.podsecurity;

import org.jspecify.annotations.NullMarked;
