package io.insula.tenantapi.controllers.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.Workloads;
import io.insula.tenantapi.controllers.Workloads.Scalable;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.selector.LabelSelector;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.LabelSelectors;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Looks at each autoscaler every fifteen seconds. Source: kubernetes, `pkg/controller/podautoscaler/horizontal.go`.
final class HorizontalAutoscaler implements Controller {

    private static final Duration PERIOD = Duration.ofSeconds(15);

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Store autoscalers;
    private final Store pods;
    private final Workloads workloads;
    private final PodUsage usage;
    private final StatusWriter statuses;
    private final Map<Key, ScalingHistory> histories = new ConcurrentHashMap<>();

    /// What the metrics ask for together.
    private record Wish(int replicas, String metric) {}

    private HorizontalAutoscaler(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.autoscalers = context.store(Resources.HORIZONTAL_POD_AUTOSCALERS);
        this.pods = context.store(Resources.PODS);
        this.workloads = new Workloads(client);
        this.usage = new PodUsage(client);
        this.statuses = new StatusWriter(client, Resources.HORIZONTAL_POD_AUTOSCALERS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "horizontal-pod-autoscaler";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new HorizontalAutoscaler(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.HORIZONTAL_POD_AUTOSCALERS);
    }

    @Override
    public Outcome reconcile(Key key) {
        if (autoscalers.get(key).isEmpty()) {
            histories.remove(key);
            return Outcome.SETTLED;
        }
        client.get(Resources.HORIZONTAL_POD_AUTOSCALERS, key.namespace(), key.name())
                .ifPresent(autoscaler -> reconcile(key, autoscaler));
        return Outcome.after(PERIOD, "the next look");
    }

    private void reconcile(Key key, ObjectNode autoscaler) {
        ObjectNode status = StatusWriter.statusOf(autoscaler);
        status.set("observedGeneration", Json.number(Meta.generation(autoscaler)));
        JsonNode target = autoscaler.path("spec").path("scaleTargetRef");
        Optional<Scalable> found = workloads.find(
                target.path("apiVersion").asText(),
                target.path("kind").asText(),
                key.namespace(),
                target.path("name").asText());
        if (found.isEmpty()) {
            String why =
                    target.path("kind").asText() + " \"" + target.path("name").asText() + "\" not found";
            events.warning(autoscaler, "FailedGetScale", why);
            set(
                    status,
                    "AbleToScale",
                    false,
                    "FailedGetScale",
                    "the HPA controller was unable to get the target's current scale: " + why);
        } else {
            set(
                    status,
                    "AbleToScale",
                    true,
                    "SucceededGetScale",
                    "the HPA controller was able to get the target's current scale");
            scale(key, autoscaler, status, found.get());
        }
        statuses.writeAsRead(autoscaler, status);
    }

    private void scale(Key key, ObjectNode autoscaler, ObjectNode status, Scalable target) {
        JsonNode spec = autoscaler.path("spec");
        int least = spec.path("minReplicas").asInt(1);
        int most = spec.path("maxReplicas").asInt();
        int current = target.replicas();
        StatusWriter.count(status, "currentReplicas", current);
        String reason;
        int desired;
        if (current == 0 && least != 0) {
            set(
                    status,
                    "ScalingActive",
                    false,
                    "ScalingDisabled",
                    "scaling is disabled since the replica count of the target is zero");
            status.put("desiredReplicas", 0);
            return;
        }
        if (current > most) {
            desired = most;
            reason = "Current number of replicas above Spec.MaxReplicas";
        } else if (current < least) {
            desired = least;
            reason = "Current number of replicas below Spec.MinReplicas";
        } else {
            Optional<Wish> wish = wish(autoscaler, status, target);
            if (wish.isEmpty()) {
                status.put("desiredReplicas", current);
                return;
            }
            desired = normalize(key, spec, status, current, wish.get().replicas());
            reason = desired > current ? wish.get().metric() + " above target" : "All metrics below target";
        }
        status.put("desiredReplicas", desired);
        if (desired != current) {
            rescale(key, autoscaler, status, target, desired, reason);
        } else if (!Condition.in(status, "AbleToScale").reason().equals("ScaleDownStabilized")) {
            set(status, "AbleToScale", true, "ReadyForNewScale", "recommended size matches current size");
        }
    }

    /// The greatest of the metrics' proposals; a metric that cannot be read stops only what would shrink.
    private Optional<Wish> wish(ObjectNode autoscaler, ObjectNode status, Scalable target) {
        JsonNode metrics = autoscaler.path("spec").path("metrics");
        ArrayNode told = Json.MAPPER.createArrayNode();
        Optional<Wish> greatest = Optional.empty();
        Optional<MetricsUnavailable> failure = Optional.empty();
        int invalid = 0;
        for (JsonNode metric : metrics) {
            try {
                Wish one = wish(metric, target, told);
                greatest = greatest.filter(w -> w.replicas() >= one.replicas()).or(() -> Optional.of(one));
            } catch (MetricsUnavailable e) {
                invalid++;
                failure = failure.or(() -> Optional.of(e));
            }
        }
        boolean shrinks = greatest.map(w -> w.replicas() < target.replicas()).orElse(true);
        if (failure.isPresent() && shrinks) {
            tellFailure(autoscaler, status, failure.get(), invalid, metrics.size());
            return Optional.empty();
        }
        status.set("currentMetrics", told);
        greatest.ifPresent(wish -> set(
                status,
                "ScalingActive",
                true,
                "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count from " + wish.metric()));
        return greatest;
    }

    private Wish wish(JsonNode metric, Scalable target, ArrayNode told) throws MetricsUnavailable {
        String type = metric.path("type").asText();
        boolean container = type.equals("ContainerResource");
        if (!type.equals("Resource") && !container) {
            throw new MetricsUnavailable(
                    "FailedGet" + type + "Metric",
                    "unable to get " + type.toLowerCase(Locale.ROOT) + " metric: no "
                            + (type.equals("External") ? "external" : "custom") + " metrics API registered");
        }
        JsonNode source = metric.path(container ? "containerResource" : "resource");
        String resource = source.path("name").asText();
        JsonNode wanted = source.path("target");
        boolean utilization = wanted.path("type").asText().equals("Utilization");
        long goal = utilization
                ? wanted.path("averageUtilization").asLong()
                : Quantity.orZero(wanted.path("averageValue").asText()).milliValue();
        String kind = utilization ? " utilization" : " usage";
        String namespace = Meta.namespace(target.object());
        try {
            String only = source.path("container").asText("");
            Map<String, Long> used = usage.milli(resource, namespace, only);
            ReplicaMath.Proposal proposal = ReplicaMath.of(
                    target.replicas(),
                    selected(target),
                    used,
                    new ReplicaMath.Target(resource, only, utilization, goal));
            tell(told, type, container ? "containerResource" : "resource", source, utilization, proposal);
            return new Wish(
                    proposal.replicas(),
                    resource + " resource" + (utilization ? " utilization (percentage of request)" : ""));
        } catch (MetricsUnavailable e) {
            throw new MetricsUnavailable(
                    container ? "FailedGetContainerResourceMetric" : e.reason(),
                    "failed to get " + resource + kind + ": " + e.text());
        }
    }

    private static void tell(
            ArrayNode told,
            String type,
            String field,
            JsonNode source,
            boolean utilization,
            ReplicaMath.Proposal proposal) {
        ObjectNode metric = told.addObject().put("type", type).putObject(field);
        metric.put("name", source.path("name").asText());
        if (source.has("container")) {
            metric.put("container", source.path("container").asText());
        }
        ObjectNode current = metric.putObject("current");
        if (utilization) {
            current.put("averageUtilization", (int) proposal.current());
        } else {
            current.put("averageValue", proposal.current() + "m");
        }
    }

    private List<ObjectNode> selected(Scalable target) {
        JsonNode selector = target.selector();
        return pods.inNamespace(Meta.namespace(target.object())).stream()
                .filter(pod -> selector.isTextual()
                        ? LabelSelector.parse(selector.asText()).matches(Meta.labels(pod))
                        : LabelSelectors.matches(selector, Meta.labels(pod)))
                .toList();
    }

    private void tellFailure(
            ObjectNode autoscaler, ObjectNode status, MetricsUnavailable failure, int invalid, int all) {
        events.warning(autoscaler, failure.reason(), failure.text());
        events.warning(
                autoscaler,
                "FailedComputeMetricsReplicas",
                "invalid metrics (" + invalid + " invalid out of " + all + "), first error is: " + failure.text());
        set(
                status,
                "ScalingActive",
                false,
                failure.reason(),
                "the HPA was unable to compute the replica count: " + failure.text());
    }

    /// Within time and bounds.
    private int normalize(Key key, JsonNode spec, ObjectNode status, int current, int wish) {
        ScalingHistory history = histories.computeIfAbsent(key, k -> new ScalingHistory());
        Instant now = clock.instant();
        JsonNode behavior = spec.path("behavior");
        int stable = history.stabilize(behavior, current, wish, now);
        if (stable > wish) {
            set(
                    status,
                    "AbleToScale",
                    true,
                    "ScaleDownStabilized",
                    "recent recommendations were higher than current one, applying the highest recent recommendation");
        }
        int most = spec.path("maxReplicas").asInt();
        int least = spec.path("minReplicas").asInt(1);
        int limited = history.limit(behavior, current, stable, now);
        if (limited > most) {
            set(
                    status,
                    "ScalingLimited",
                    true,
                    "TooManyReplicas",
                    "the desired replica count is more than the maximum replica count");
        } else if (limited < least) {
            set(
                    status,
                    "ScalingLimited",
                    true,
                    "TooFewReplicas",
                    "the desired replica count is less than the minimum replica count");
        } else if (limited != stable) {
            boolean up = stable > current;
            set(
                    status,
                    "ScalingLimited",
                    true,
                    up ? "ScaleUpLimit" : "ScaleDownLimit",
                    "the desired replica count is " + (up ? "increasing" : "decreasing")
                            + " faster than the maximum scale rate");
        } else {
            set(
                    status,
                    "ScalingLimited",
                    false,
                    "DesiredWithinRange",
                    "the desired count is within the acceptable range");
        }
        return Math.clamp(limited, least, Math.max(least, most));
    }

    private void rescale(
            Key key, ObjectNode autoscaler, ObjectNode status, Scalable target, int desired, String reason) {
        ObjectNode patch = Json.object();
        patch.putObject("spec").put("replicas", desired);
        try {
            client.mergePatch(target.resource(), key.namespace(), Meta.name(target.object()), "scale", patch);
        } catch (ApiException e) {
            events.warning(
                    autoscaler,
                    "FailedRescale",
                    "New size: " + desired + "; reason: " + reason + "; error: " + e.getMessage());
            set(
                    status,
                    "AbleToScale",
                    false,
                    "FailedUpdateScale",
                    "the HPA controller was unable to update the target scale: " + e.getMessage());
            throw e;
        }
        set(
                status,
                "AbleToScale",
                true,
                "SucceededRescale",
                "the HPA controller was able to update the target scale to " + desired);
        events.normal(autoscaler, "SuccessfulRescale", "New size: " + desired + "; reason: " + reason);
        histories.computeIfAbsent(key, k -> new ScalingHistory()).changed(desired - target.replicas(), clock.instant());
        status.put("lastScaleTime", Meta.timestamp(clock.instant()));
    }

    private void set(ObjectNode status, String type, boolean value, String reason, String message) {
        Condition.set(status, type, value, reason, message, clock.instant());
    }
}
