/// The network of a node's pods: where they live ([PodNetwork], [Router]).
///
/// Pods have a router of their own, in a network namespace of its own: nothing of the machine listens there, and no
/// rule
/// of the machine's firewall applies there. IPv4 only: nothing forwards IPv6.
@NullMarked
package io.insula.node.network;

import org.jspecify.annotations.NullMarked;
