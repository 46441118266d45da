/// What a node asks of whatever runs containers, in our words: the port [io.insula.node.runtime.ContainerRuntime] and
/// its values. Immutable values; no implementation.
///
/// Every implementation passes `ContainerRuntimeContract` (in the test jar). Not here: pods, which are the agent's.
@NullMarked
package io.insula.node.runtime;

import org.jspecify.annotations.NullMarked;
