package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;

/// Told of a pod's address before any of its containers starts, as `NodeNetwork.announce` wants to be.
@FunctionalInterface
public interface PodAnnouncer {

    /// Where pods need no rules.
    PodAnnouncer NOBODY = (_, _) -> {};

    /// Back when the pod may send and get; quick where it may already.
    ///
    /// @throws RuntimeException saying why it may not yet; its containers are tried again later
    void announce(Pod pod, String address);
}
