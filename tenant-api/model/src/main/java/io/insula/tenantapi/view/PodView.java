package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A pod. Source: kubernetes, `pkg/api/v1/pod/util.go` and `pkg/controller`.
public record PodView(JsonNode tree) {

    public static PodView of(JsonNode pod) {
        return new PodView(pod);
    }

    public PodSpecView spec() {
        return new PodSpecView(tree.path("spec"));
    }

    public JsonNode status() {
        return tree.path("status");
    }

    public String phase() {
        return status().path("phase").asText("");
    }

    /// Why the pod is in its phase, where somebody said so.
    public String reason() {
        return status().path("reason").asText("");
    }

    public boolean isTerminal() {
        String phase = phase();
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /// Neither finished nor on its way out.
    public boolean isActive() {
        return !isTerminal() && !Meta.isBeingDeleted(tree);
    }

    /// Whether a node has it.
    public boolean isBound() {
        return !nodeName().isEmpty();
    }

    public String nodeName() {
        return spec().nodeName();
    }

    /// What the pod takes of its node: the requests with the overhead of its sandbox, and while it is being resized
    /// the most of what is wanted, set aside and in force.
    public Amounts heldRequests() {
        return PodAmounts.held(this);
    }

    /// The limits, likewise.
    public Amounts heldLimits() {
        return PodAmounts.mostUsed(this);
    }

    public Condition condition(String type) {
        return Condition.of(tree, type);
    }

    public boolean isReady() {
        return condition("Ready").isTrue();
    }

    public Optional<Instant> readySince() {
        Condition ready = condition("Ready");
        return ready.isTrue() ? ready.since() : Optional.empty();
    }

    /// Ready for at least `minReadySeconds`.
    public boolean isAvailable(int minReadySeconds, Instant now) {
        return isReady() && availableIn(minReadySeconds, now).isZero();
    }

    /// How long a ready pod needs until it counts as available; zero if it does.
    public Duration availableIn(int minReadySeconds, Instant now) {
        if (minReadySeconds == 0) {
            return Duration.ZERO;
        }
        Instant due = Meta.after(readySince().orElse(now), minReadySeconds);
        return due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO;
    }

    /// The statuses of one list of containers; missing where absent.
    public JsonNode statuses(ContainerView.Kind kind) {
        return status().path(kind.statusField());
    }

    /// The highest restart count of any ordinary container.
    public int maxRestarts() {
        int most = 0;
        for (JsonNode container : statuses(ContainerView.Kind.ORDINARY)) {
            most = Math.max(most, container.path("restartCount").asInt());
        }
        return most;
    }
}
