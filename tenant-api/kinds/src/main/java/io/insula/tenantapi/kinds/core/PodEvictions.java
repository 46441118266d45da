package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.selector.LabelSelector;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.List;

/// Deletes a pod if its disruption budget allows. Source: kubernetes `pkg/registry/core/pod/storage/eviction.go`.
final class PodEvictions {

    private static final GroupVersionResource BUDGETS =
            new GroupVersionResource("policy", "v1", "poddisruptionbudgets");
    private static final int ATTEMPTS = 5;

    private PodEvictions() {}

    static ObjectNode evict(SubresourceRequest request) {
        ObjectNode pod = request.current();
        WriteContext context = request.context();
        if (needsBudget(pod)) {
            spend(pod, context);
        }
        if (!context.dryRun() && !canIgnoreCondition(pod)) {
            request.store().update(p -> disrupted(p, context));
        }
        ObjectNode options =
                request.body().path("deleteOptions") instanceof ObjectNode given ? given.deepCopy() : Json.object();
        if (!options.has("preconditions")) {
            options.putObject("preconditions").put("uid", Meta.uid(pod));
        }
        request.store().delete(options);
        return Json.object()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Success")
                .put("code", 201);
    }

    /// Pods that run nothing, or are going already, disrupt nobody.
    static boolean needsBudget(JsonNode pod) {
        String phase = PodView.of(pod).phase();
        return PodView.of(pod).isActive() && !phase.equals("Pending") && !phase.isEmpty();
    }

    private static boolean canIgnoreCondition(JsonNode pod) {
        return Meta.isBeingDeleted(pod) || !PodView.of(pod).isBound();
    }

    private static void spend(JsonNode pod, WriteContext context) {
        for (int attempt = 1; ; attempt++) {
            List<ObjectNode> budgets = budgets(pod, context.client());
            if (budgets.isEmpty()) {
                return;
            }
            if (budgets.size() > 1) {
                throw ApiException.of(
                        500,
                        "InternalError",
                        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
                                + " support.");
            }
            ObjectNode budget = budgets.getFirst();
            if (unhealthyMayGo(pod, budget)) {
                return;
            }
            take(pod, budget, context);
            if (context.dryRun()) {
                return;
            }
            try {
                context.client().update(BUDGETS, Meta.namespace(budget), "status", budget);
                return;
            } catch (ApiException e) {
                if (!e.is("Conflict") || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static List<ObjectNode> budgets(JsonNode pod, ObjectClient client) {
        var found = new ArrayList<ObjectNode>();
        for (ObjectNode budget : client.list(BUDGETS, Meta.namespace(pod), ObjectClient.Query.ALL)
                .items()) {
            JsonNode selector = WorkloadView.of(budget).selector();
            if (selector.isObject() && LabelSelector.of(selector).matches(Meta.labels(pod))) {
                found.add(budget);
            }
        }
        return found;
    }

    /// Evicting a pod that is not ready takes nothing away, if the budget is met or says so.
    private static boolean unhealthyMayGo(JsonNode pod, JsonNode budget) {
        if (Condition.isTrue(pod, "Ready")) {
            return false;
        }
        JsonNode status = budget.path("status");
        boolean always = budget.path("spec")
                .path("unhealthyPodEvictionPolicy")
                .asText("")
                .equals("AlwaysAllow");
        return always
                || (status.path("currentHealthy").asLong()
                                >= status.path("desiredHealthy").asLong()
                        && status.path("desiredHealthy").asLong() > 0);
    }

    /// One disruption less, in `budget` itself.
    static void take(JsonNode pod, ObjectNode budget, WriteContext context) {
        ObjectNode status = Fields.object(budget, "status");
        if (status.path("observedGeneration").asLong() < Meta.generation(budget)) {
            throw refused(
                    "The disruption budget " + Meta.name(budget) + " is still being processed by the server.", 10);
        }
        long allowed = status.path("disruptionsAllowed").asLong();
        if (allowed < 0) {
            throw ApiException.forbidden(BUDGETS, Meta.name(budget), "pdb disruptions allowed is negative");
        }
        if (allowed == 0) {
            throw refused(
                    "The disruption budget " + Meta.name(budget) + " needs "
                            + status.path("desiredHealthy").asLong() + " healthy pods and has "
                            + status.path("currentHealthy").asLong() + " currently",
                    0);
        }
        status.put("disruptionsAllowed", allowed - 1);
        Fields.object(status, "disruptedPods").put(Meta.name(pod), Meta.timestamp(context.now()));
    }

    private static ApiException refused(String why, int retryAfterSeconds) {
        ObjectNode status = ApiException.base(
                429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
        ObjectNode details = status.putObject("details");
        details.putArray("causes").addObject().put("reason", "DisruptionBudget").put("message", why);
        if (retryAfterSeconds > 0) {
            details.put("retryAfterSeconds", retryAfterSeconds);
        }
        return ApiException.ofStatus(status);
    }

    private static ObjectNode disrupted(ObjectNode pod, WriteContext context) {
        Condition.set(
                Fields.object(pod, "status"),
                "DisruptionTarget",
                true,
                "EvictionByEvictionAPI",
                "Eviction API: evicting",
                context.now());
        return pod;
    }
}
