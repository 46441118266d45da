/// The node's HTTPS server, which the API server calls for logs, exec, attach, port-forward and statistics. What it
/// needs to know of pods is the port [io.insula.node.server.NodePods].
@NullMarked
package io.insula.node.server;

import org.jspecify.annotations.NullMarked;
