package io.insula.node.pod;

import java.util.List;

/// @param pod its own, the first being the main one; empty before it has any
/// @param host the node's
public record PodAddresses(List<String> pod, String host) {
    public PodAddresses {
        pod = List.copyOf(pod);
    }
}
