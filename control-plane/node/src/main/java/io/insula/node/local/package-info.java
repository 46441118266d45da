/// This machine as a node: [LocalNode] puts containerd, network, capacity and agent together, and takes all of it away
/// again. Nobody needs to know more to run one.
@NullMarked
package io.insula.node.local;

import org.jspecify.annotations.NullMarked;
