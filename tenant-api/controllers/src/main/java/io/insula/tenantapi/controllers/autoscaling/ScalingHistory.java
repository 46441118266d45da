package io.insula.tenantapi.controllers.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What one autoscaler has recommended and done lately: replicas are not taken away as soon as they seem too
/// many, nor added faster than `spec.behavior` allows. Lost with its manager, as upstream's.
/// Source: kubernetes, `pkg/controller/podautoscaler/horizontal.go`, stabilization and scaling policies.
///
/// Confined to one reconcile at a time.
final class ScalingHistory {

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int DOWN_SECONDS = 300;

    private final List<Entry> recommendations = new ArrayList<>();
    private final List<Entry> changes = new ArrayList<>();

    private record Entry(Instant at, int value) {}

    /// The recommendation that counts, given those of the stabilization windows.
    int stabilize(JsonNode behavior, int current, int recommended, Instant now) {
        recommendations.removeIf(entry -> entry.at().plus(LONGEST).isBefore(now));
        recommendations.add(new Entry(now, recommended));
        int up = recommended;
        int down = recommended;
        int upSeconds =
                behavior.path("scaleUp").path("stabilizationWindowSeconds").asInt(0);
        int downSeconds =
                behavior.path("scaleDown").path("stabilizationWindowSeconds").asInt(DOWN_SECONDS);
        for (Entry entry : recommendations) {
            if (!Meta.after(entry.at(), upSeconds).isBefore(now)) {
                up = Math.min(up, entry.value());
            }
            if (!Meta.after(entry.at(), downSeconds).isBefore(now)) {
                down = Math.max(down, entry.value());
            }
        }
        // within [up, down] the present number is as good as any
        return current < up ? up : Math.min(current, down);
    }

    /// The wanted number, cut to what the policies let it become now.
    int limit(JsonNode behavior, int current, int wanted, Instant now) {
        changes.removeIf(entry -> entry.at().plus(LONGEST).isBefore(now));
        if (wanted > current) {
            return Math.min(wanted, bound(behavior.path("scaleUp"), current, true, now));
        }
        return wanted < current ? Math.max(wanted, bound(behavior.path("scaleDown"), current, false, now)) : wanted;
    }

    void changed(int by, Instant now) {
        changes.add(new Entry(now, by));
    }

    private int bound(JsonNode rules, int current, boolean up, Instant now) {
        String select = rules.path("selectPolicy").asText("Max");
        if (select.equals("Disabled")) {
            return current;
        }
        if (rules.path("policies").isEmpty()) {
            return up ? Math.max(2 * start(current, 15, true, now), start(current, 15, true, now) + 4) : 0;
        }
        boolean greatest = select.equals("Max") == up;
        int bound = greatest ? Integer.MIN_VALUE : Integer.MAX_VALUE;
        for (JsonNode policy : rules.path("policies")) {
            int start = start(current, policy.path("periodSeconds").asInt(15), up, now);
            int value = policy.path("value").asInt();
            double share = policy.path("type").asText().equals("Percent") ? start * (value / 100.0) : value;
            int end = (int) (up ? Math.ceil(start + share) : Math.floor(start - share));
            bound = greatest ? Math.max(bound, end) : Math.min(bound, end);
        }
        return bound;
    }

    /// How many there were at the start of the period, going by the changes in this direction.
    private int start(int current, int seconds, boolean up, Instant now) {
        int sum = 0;
        for (Entry change : changes) {
            if (Meta.after(change.at(), seconds).isAfter(now) && (change.value() > 0) == up) {
                sum += change.value();
            }
        }
        return current - sum;
    }
}
