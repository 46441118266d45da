package io.insula.node.agent;

import io.insula.node.eviction.Thresholds;
import java.time.Duration;

/// What pods may take of the machine, and when it is too much.
///
/// @param podProcesses processes and threads of one pod
/// @param thresholds below which pods give way
/// @param relief how long a condition holds after it has eased
/// @param images how full the disk of images may be
/// @param sight what is left
public record NodeLimits(long podProcesses, Thresholds thresholds, Duration relief, ImageLimits images, Sight sight) {

    /// The kubelet's, but for processes: room for any program, and none for a fork bomb.
    public static final NodeLimits USUAL =
            new NodeLimits(4096, Thresholds.USUAL, Duration.ofMinutes(5), ImageLimits.USUAL, MachineSight::look);

    public NodeLimits sight(Sight other) {
        return new NodeLimits(podProcesses, thresholds, relief, images, other);
    }

    public NodeLimits relief(Duration other) {
        return new NodeLimits(podProcesses, thresholds, other, images, sight);
    }

    public NodeLimits podProcesses(long other) {
        return new NodeLimits(other, thresholds, relief, images, sight);
    }
}
