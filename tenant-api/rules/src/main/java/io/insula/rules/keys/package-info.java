/// Names that several modules must spell alike.
@NullMarked
package io.insula.rules.keys;

import org.jspecify.annotations.NullMarked;
