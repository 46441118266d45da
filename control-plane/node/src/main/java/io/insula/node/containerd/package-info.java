/// The port [io.insula.node.runtime.ContainerRuntime] over the Container Runtime Interface (`runtime.v1`), by gRPC on
/// containerd's Unix socket. The only package that knows gRPC.
@NullMarked
package io.insula.node.containerd;

import org.jspecify.annotations.NullMarked;
