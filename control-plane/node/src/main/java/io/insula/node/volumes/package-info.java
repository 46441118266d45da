/// The volumes of a pod on this machine: made, kept up to date, removed.
@NullMarked
package io.insula.node.volumes;

import org.jspecify.annotations.NullMarked;
