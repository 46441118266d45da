/// Amounts of resources: what containers and pods ask for, reckoned exactly and in one way by everybody who counts
/// them.
///
/// [Quantity] is one amount, [Amounts] are several by the resource's name, [PodTotal] is what a pod comes to. All of it
/// is pure and immutable. Not here: what a quota makes of it.
@NullMarked
package io.insula.rules.resources;

import org.jspecify.annotations.NullMarked;
