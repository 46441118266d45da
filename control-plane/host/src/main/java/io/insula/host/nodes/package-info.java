/// What the embedded host's API server asks of nodes that really run pods: logs, exec, attach, port-forward.
///
/// - [io.insula.host.nodes.NodeStreams] is the entry point.
/// - A pod on a node that serves nothing is left to whoever simulates it.
@NullMarked
package io.insula.host.nodes;

import org.jspecify.annotations.NullMarked;
