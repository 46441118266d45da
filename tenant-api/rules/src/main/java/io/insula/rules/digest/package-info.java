/// Digests that names and checksums are made of.
@NullMarked
package io.insula.rules.digest;

import org.jspecify.annotations.NullMarked;
