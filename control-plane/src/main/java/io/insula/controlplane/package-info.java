/// Placeholder front page.
@NullMarked
package io.insula.controlplane;

import org.jspecify.annotations.NullMarked;
