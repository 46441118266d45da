package io.insula.host.scheduler;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Why a node cannot take a pod. Immutable.
///
/// @param reasons in upstream's words, at least one
/// @param isTooSmall whether the node would not have enough for the pod if nobody else were there
record Rejection(List<String> reasons, boolean isTooSmall) {

    Rejection {
        reasons = List.copyOf(reasons);
    }

    static Rejection of(String reason) {
        return new Rejection(List.of(reason), false);
    }

    /// What has to change before the answer can be another.
    enum Cause {
        /// The node itself.
        NODE(false),
        /// How much other pods take of it.
        ROOM(true),
        PORTS(true),
        /// Pods that have to be there.
        NEAR(false),
        /// Pods that must not be there.
        FAR(true),
        SPREAD(true),
        /// Claims, volumes and their classes.
        VOLUMES(false),
        /// A volume that another pod uses.
        VOLUME_IN_USE(true);

        /// Whether it may help that other pods go.
        final boolean curedByPreemption;

        Cause(boolean curedByPreemption) {
            this.curedByPreemption = curedByPreemption;
        }
    }

    boolean isCuredByPreemption() {
        return !isTooSmall && causes().stream().allMatch(cause -> cause.curedByPreemption);
    }

    Set<Cause> causes() {
        var causes = EnumSet.noneOf(Cause.class);
        reasons.forEach(reason -> causes.add(cause(reason)));
        return causes;
    }

    private static Cause cause(String reason) {
        if (reason.startsWith(Filters.INSUFFICIENT) || reason.equals(Filters.TOO_MANY)) {
            return Cause.ROOM;
        }
        return switch (reason) {
            case Filters.PORTS -> Cause.PORTS;
            case InterPodAffinity.NOT_NEAR -> Cause.NEAR;
            case InterPodAffinity.NOT_FAR, InterPodAffinity.UNWANTED -> Cause.FAR;
            case TopologySpread.SKEWED -> Cause.SPREAD;
            case PodVolumes.IN_USE -> Cause.VOLUME_IN_USE;
            case PodVolumes.NONE_TO_BIND, PodVolumes.NOT_THERE, PodVolumes.OTHER_ZONE -> Cause.VOLUMES;
            default -> Cause.NODE;
        };
    }
}
