/// The port [io.insula.node.runtime.ContainerRuntime] over the Container Runtime Interface (`runtime.v1`), by gRPC on
/// containerd's Unix socket ([io.insula.node.containerd.ContainerdRuntime]), and a containerd of our own to talk to
/// ([io.insula.node.containerd.OwnContainerd]): its folders, socket, configuration, sandbox image. The machine's own
/// containerd, Docker, firewall and CNI configuration are not touched. The only package that knows gRPC.
@NullMarked
package io.insula.node.containerd;

import org.jspecify.annotations.NullMarked;
