/// The kubelet's contract towards any Kubernetes API server: the Node and its Lease, and the pods bound to it, from
/// their sandbox to their final delete.
@NullMarked
package io.insula.node.agent;

import org.jspecify.annotations.NullMarked;
