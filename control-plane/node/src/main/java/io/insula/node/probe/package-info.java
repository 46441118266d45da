/// Asks containers how they are, and tells them by HTTP that they start or stop: [io.insula.node.probe.Probing] and
/// [io.insula.node.probe.HttpCall]. Nothing that a container answers, or how slowly, holds us longer than was agreed.
@NullMarked
package io.insula.node.probe;

import org.jspecify.annotations.NullMarked;
