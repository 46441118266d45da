package io.insula.controlplane.service;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.nodes.NodeBackEnds;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;

/// What the nodes of a killed service left running. Stateless.
public final class LeftNodes {

    private LeftNodes() {}

    /// Ends it, where no service runs in that home.
    ///
    /// @return whether there was anything
    public static boolean end(Home home) {
        if (!Files.isDirectory(home.nodes())) {
            return false;
        }
        try (ApplicationContext beans = InsulaService.context()) {
            return beans.getBean(NodeBackEnds.class).clear(home.nodes());
        }
    }
}
