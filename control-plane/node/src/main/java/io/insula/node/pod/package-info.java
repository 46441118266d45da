/// Pure functions from a Pod to what a runtime is asked for: environment, command, mounts, resources, security. No I/O.
@NullMarked
package io.insula.node.pod;

import org.jspecify.annotations.NullMarked;
