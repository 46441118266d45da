/// Services die, again and again, at any point of what they do for a tenant; what may never be lost is counted.
@NullMarked
package io.insula.controlplane.drill;

import org.jspecify.annotations.NullMarked;
