/// What containers said: the files that the runtime writes, read for `kubectl logs` and kept short.
@NullMarked
package io.insula.node.logs;

import org.jspecify.annotations.NullMarked;
