package io.insula.node.agent;

import io.insula.node.eviction.Observed;
import java.nio.file.Path;

/// What a node has left.
@FunctionalInterface
public interface Sight {

    /// @param pods where pods' volumes are
    /// @param images where the runtime keeps images and containers
    Observed look(Path pods, Path images);
}
