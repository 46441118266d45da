/// Placeholder front page.
@NullMarked
package io.insula.syncer.engine;

import org.jspecify.annotations.NullMarked;
