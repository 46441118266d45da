package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.api.Meta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which nodes can take one pod, and what speaks against the others. Immutable.
///
/// @param spots of the whole cluster that can
/// @param rejections of the others, by the node's name
record Fit(List<Spot> spots, Map<String, Rejection> rejections) {

    Fit {
        spots = List.copyOf(spots);
        rejections = Collections.unmodifiableMap(new LinkedHashMap<>(rejections));
    }

    /// What is looked at for one pod.
    ///
    /// @param self the pod, on no node yet
    /// @param nominated pods that room is being made for, of no lower priority
    record Question(ObjectNode pod, Placed self, PodVolumes volumes, Siblings siblings, List<Placed> nominated) {

        Question {
            nominated = List.copyOf(nominated);
        }

        /// @param nominated all that there are
        static Question of(ObjectNode pod, PodVolumes volumes, Siblings siblings, List<Placed> nominated) {
            Placed self = Placed.of(pod, "");
            return new Question(
                    pod,
                    self,
                    volumes,
                    siblings,
                    nominated.stream()
                            .filter(other -> !other.traits().uid().equals(Meta.uid(pod))
                                    && other.traits().priority()
                                            >= self.traits().priority())
                            .toList());
        }

        /// What speaks against one node as the cluster is, and as it will be with the pods that room is being made for
        /// there: it has to do without them, too, as they may never come.
        ///
        /// Source: kubernetes, `pkg/scheduler/framework/runtime`, `RunFilterPluginsWithNominatedPods`.
        Optional<Rejection> against(Spot spot, Cluster cluster, Rules rules) {
            List<Placed> coming = nominated.stream()
                    .filter(other -> other.node().equals(spot.name()))
                    .toList();
            if (!coming.isEmpty()) {
                NodeLoad load = spot.load();
                for (Placed other : coming) {
                    load = load.with(other);
                }
                Cluster then = cluster.with(spot.name(), load);
                Optional<Rejection> rejected = rules(then).against(this, then.spot(spot.name()));
                if (rejected.isPresent()) {
                    return rejected;
                }
            }
            return rules.against(this, spot);
        }

        Rules rules(Cluster cluster) {
            return new Rules(
                    InterPodAffinity.of(self, cluster),
                    TopologySpread.of(pod, self, cluster, siblings),
                    volumes.inUse(self.namespace(), cluster));
        }
    }

    /// What is counted over the whole cluster.
    record Rules(InterPodAffinity affinity, TopologySpread spread, Optional<String> volumeInUse) {

        /// As upstream the first that speaks against it is told.
        Optional<Rejection> against(Question question, Spot spot) {
            List<String> own = Filters.reasonsAgainst(question.pod(), question.self(), spot.node(), spot.load());
            return own.isEmpty()
                    ? volumeInUse
                            .or(() -> question.volumes().against(spot.node()))
                            .or(() -> spread.against(spot))
                            .or(() -> affinity.against(spot))
                            .map(Rejection::of)
                    : Optional.of(new Rejection(own, Filters.isTooSmall(question.self(), spot.node())));
        }
    }

    static Fit of(Question question, Cluster cluster, Rules rules) {
        var spots = new ArrayList<Spot>();
        var rejections = new LinkedHashMap<String, Rejection>();
        for (Spot spot : cluster.spots()) {
            question.against(spot, cluster, rules)
                    .ifPresentOrElse(rejection -> rejections.put(spot.name(), rejection), () -> spots.add(spot));
        }
        return new Fit(spots, rejections);
    }
}
