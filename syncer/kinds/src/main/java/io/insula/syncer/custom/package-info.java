/// Kinds that somebody else defined, synced for one tenant by a rule in its spec: [CustomKind] is the rule and refuses
/// what a rule may not say, [CustomKinds] makes a syncer of each, [CustomSyncer] is that one. What the rule names as a
/// name, as labels or as a selector is translated as in Kubernetes' own kinds; everything else of an object goes down
/// as it is, and is the responsibility of whoever wrote the rule. Stateless.
@NullMarked
package io.insula.syncer.custom;

import org.jspecify.annotations.NullMarked;
