package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.tenantapi.controllers.objects.Shares;
import io.insula.tenantapi.view.WorkloadView;

/// The numbers of a rolling update. Pure. Source: kubernetes, `pkg/controller/deployment/util/deployment_util.go`.
final class RolloutMath {

    private static final JsonNode QUARTER = TextNode.valueOf("25%");

    private RolloutMath() {}

    /// What a strategy allows, in pods.
    ///
    /// @param maxSurge pods above the wanted number
    /// @param maxUnavailable pods below it
    record Limits(int maxSurge, int maxUnavailable) {}

    /// Percentages of `replicas`, surge rounded up and unavailable down; if both come out as zero one pod may be
    /// unavailable, else nothing could ever move. Recreate has neither.
    static Limits limits(JsonNode deployment) {
        JsonNode strategy = deployment.path("spec").path("strategy");
        int replicas = WorkloadView.of(deployment).replicas();
        if (!isRolling(deployment) || replicas == 0) {
            return new Limits(isRolling(deployment) ? resolve(surge(strategy), 0, true) : 0, 0);
        }
        int maxSurge = resolve(surge(strategy), replicas, true);
        int maxUnavailable = resolve(strategy.path("rollingUpdate").path("maxUnavailable"), replicas, false);
        if (maxSurge == 0 && maxUnavailable == 0) {
            maxUnavailable = 1;
        }
        return new Limits(maxSurge, Math.min(maxUnavailable, replicas));
    }

    static boolean isRolling(JsonNode deployment) {
        return !deployment.path("spec").path("strategy").path("type").asText().equals("Recreate");
    }

    /// The next size of the new replica set.
    ///
    /// @param wanted the deployment's replicas
    /// @param all the sizes of all replica sets together, `current` included
    static int newReplicas(int wanted, int current, int all, Limits limits, boolean rolling) {
        if (!rolling || current >= wanted) {
            return wanted;
        }
        int room = wanted + limits.maxSurge() - all;
        return room <= 0 ? current : current + Math.min(room, wanted - current);
    }

    /// How many pods of old replica sets may go without falling below the minimum, counting pods of the new
    /// one that are not available yet as missing. May be negative.
    static int maxScaledDown(int wanted, int all, int newReplicas, int newAvailable, Limits limits) {
        int minAvailable = wanted - limits.maxUnavailable();
        return all - minAvailable - (newReplicas - newAvailable);
    }

    /// A replica set's share of `toAdd` (negative to take away) when a deployment is scaled during a rollout.
    ///
    /// @param maxBefore the deployment's maximum before the scaling
    /// @param added what other sets have got already
    static int proportion(int size, int wanted, int maxSurge, int maxBefore, int toAdd, int added) {
        if (size == 0 || toAdd == 0 || toAdd == added) {
            return 0;
        }
        int fraction = fraction(size, wanted, maxSurge, maxBefore);
        int allowed = toAdd - added;
        return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
    }

    private static int fraction(int size, int wanted, int maxSurge, int maxBefore) {
        if (wanted == 0) {
            return -size;
        }
        double scaled = (double) size * (wanted + maxSurge) / Math.max(1, maxBefore);
        return (int) Math.round(scaled) - size;
    }

    private static JsonNode surge(JsonNode strategy) {
        return strategy.path("rollingUpdate").path("maxSurge");
    }

    /// An int-or-percent; an absent one is upstream's default of 25%.
    static int resolve(JsonNode value, int replicas, boolean roundUp) {
        return Shares.of(value.isMissingNode() ? QUARTER : value, replicas, roundUp);
    }
}
