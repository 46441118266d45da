/// The network of a node's pods: where they live ([PodNetwork], [Router]), and what follows for it from the cluster's
/// objects ([NodeNetwork]). Decisions are pure: objects in, a ruleset out; one writer has the kernel obey it, in one
/// transaction each.
///
/// Pods have a router of their own, in a network namespace of its own: nothing of the machine listens there, no rule
/// of the machine's firewall applies there, and none of ours outside of it but for one table. IPv4 only: nothing
/// forwards IPv6. Not done: routes to pods on other machines, and packets that the machine itself would have to
/// forward where its own firewall drops them (the world, where Docker is installed).
@NullMarked
package io.insula.node.network;

import org.jspecify.annotations.NullMarked;
