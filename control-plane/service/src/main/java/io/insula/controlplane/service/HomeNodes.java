package io.insula.controlplane.service;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.nodes.NodeAccess;
import io.insula.controlplane.nodes.NodeBackEnds;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;

/// The nodes that a home has on this machine, for commands beside the service. Stateless.
public final class HomeNodes {

    private HomeNodes() {}

    /// Ends what a killed service left running, where no service runs in that home.
    ///
    /// @return whether there was anything
    public static boolean endLeft(Home home) {
        if (!Files.isDirectory(home.nodes())) {
            return false;
        }
        try (ApplicationContext beans = InsulaService.context()) {
            return beans.getBean(NodeBackEnds.class).clear(home.nodes());
        }
    }

    /// A way to the nodes that run, which the caller closes.
    ///
    /// @throws NodeAccess.Failure where none do, or this user may not use them
    public static NodeAccess access(Home home) {
        try (ApplicationContext beans = InsulaService.context()) {
            return beans.getBean(NodeBackEnds.class).access(home.nodes());
        }
    }
}
