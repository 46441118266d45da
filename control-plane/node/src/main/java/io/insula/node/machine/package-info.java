/// What this machine has for containers: its capacity, what it is, and how several nodes share it.
@NullMarked
package io.insula.node.machine;

import org.jspecify.annotations.NullMarked;
