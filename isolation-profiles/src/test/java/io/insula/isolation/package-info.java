@NullMarked
package io.insula.isolation;

import org.jspecify.annotations.NullMarked;
