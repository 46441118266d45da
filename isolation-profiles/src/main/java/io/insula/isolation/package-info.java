/// Placeholder front page.
@NullMarked
package io.insula.isolation;

import org.jspecify.annotations.NullMarked;
