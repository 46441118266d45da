package io.insula.controlplane.nodes;

import io.insula.tenantapi.controllers.ControllerFactory;
import java.util.List;

/// Gives the embedded host its nodes. A port: each implementation is a package-private singleton in a file of its own,
/// and nothing else names it. Virtual Kubelet calls the like a provider.
public interface NodeBackEnd {

    /// A lower-case word, like no other's.
    String name();

    /// What works for its nodes beside the host's own controllers, in their manager.
    List<ControllerFactory> controllers();
}
