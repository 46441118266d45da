package io.insula.node.agent;

import io.insula.node.eviction.Signal;
import io.insula.node.eviction.Thresholds;
import io.insula.node.eviction.Thresholds.Threshold;
import java.time.Duration;
import java.util.Map;

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

    /// Of a machine that is somebody's own, whose disks may well be nearly full: so much must be left, not such a part.
    public static final NodeLimits SHARED = new NodeLimits(
            USUAL.podProcesses,
            new Thresholds(Map.of(
                    Signal.MEMORY, new Threshold(100L << 20, 0),
                    Signal.NODE_FILES, new Threshold(1L << 30, 0),
                    Signal.NODE_INODES, new Threshold(0, 1),
                    Signal.IMAGE_FILES, new Threshold(1L << 30, 0),
                    Signal.IMAGE_INODES, new Threshold(0, 1))),
            USUAL.relief,
            ImageLimits.ONLY_UNDER_PRESSURE,
            USUAL.sight);

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
