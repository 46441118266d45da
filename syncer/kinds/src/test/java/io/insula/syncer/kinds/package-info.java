@NullMarked
package io.insula.syncer.kinds;

import org.jspecify.annotations.NullMarked;
