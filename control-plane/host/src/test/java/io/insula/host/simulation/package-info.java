/// Tests.
@NullMarked
package io.insula.host.simulation;

import org.jspecify.annotations.NullMarked;
