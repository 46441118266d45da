package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;

/// An object that makes or selects pods: a workload with a selector and a pod template, or a Service,
/// PodDisruptionBudget or ReplicationController, which have one of them.
public record WorkloadView(JsonNode tree) {

    /// The selector's name in a spec, for whoever writes it.
    public static final String SELECTOR = "selector";

    /// The template's name in a spec (of a PodTemplate, in the object), for whoever writes it.
    public static final String TEMPLATE = "template";

    public static WorkloadView of(JsonNode workload) {
        return new WorkloadView(workload);
    }

    public JsonNode spec() {
        return tree.path("spec");
    }

    public JsonNode status() {
        return tree.path("status");
    }

    /// `spec.selector`: a label selector, or a map of labels where the kind has that.
    public JsonNode selector() {
        return spec().path(SELECTOR);
    }

    /// Whether it selects anything at all.
    public boolean isSelecting() {
        return !selector().isEmpty();
    }

    /// `spec.template`.
    public JsonNode template() {
        return spec().path(TEMPLATE);
    }

    /// The labels that the template gives its pods.
    public JsonNode templateLabels() {
        return template().path("metadata").path("labels");
    }

    /// The spec of the template's pods.
    public PodSpecView podSpec() {
        return new PodSpecView(template().path("spec"));
    }

    /// The workload that a CronJob makes.
    public WorkloadView jobTemplate() {
        return new WorkloadView(spec().path("jobTemplate"));
    }

    /// How many pods are wanted; one where nothing is said.
    public int replicas() {
        return spec().path("replicas").asInt(1);
    }

    public int minReadySeconds() {
        return spec().path("minReadySeconds").asInt();
    }

    /// How many pods there are, as the status says.
    public int currentReplicas() {
        return status().path("replicas").asInt();
    }

    public int readyReplicas() {
        return status().path("readyReplicas").asInt();
    }

    public int availableReplicas() {
        return status().path("availableReplicas").asInt();
    }

    public long observedGeneration() {
        return status().path("observedGeneration").asLong();
    }
}
