package io.insula.tenantapi.controllers.node;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Instant;

/// Ends pods for reasons that are not theirs, and says so in their status: Jobs may then not count them as failures.
///
/// @param client the API as the controller that ends them
record Disruptions(ObjectClient client) {

    /// Marks the pod with the condition `DisruptionTarget`, then deletes it.
    ///
    /// @param failed whether the pod, which no kubelet will ever end, is also marked as failed
    /// @param force whether it goes at once
    void end(ObjectNode pod, String reason, String message, boolean failed, boolean force, Instant now) {
        try {
            mark(pod, reason, message, failed && !PodView.of(pod).isTerminal(), now);
            ObjectNode options = PodWriter.onlyIf(pod);
            if (force) {
                options.put("gracePeriodSeconds", 0);
            }
            client.delete(Resources.PODS, Meta.namespace(pod), Meta.name(pod), options);
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    private void mark(ObjectNode pod, String reason, String message, boolean failed, Instant now) {
        ObjectNode status = Json.object();
        ArrayNode conditions = status.putArray(Condition.LIST);
        Condition.listOf(pod).forEach(c -> conditions.add(c.deepCopy()));
        boolean changed = Condition.set(status, "DisruptionTarget", true, reason, message, now);
        if (failed) {
            status.put("phase", "Failed");
        }
        if (changed || failed) {
            ObjectNode patch = Statuses.patch(status);
            patch.putObject("metadata").put("uid", Meta.uid(pod));
            client.mergePatch(Resources.PODS, Meta.namespace(pod), Meta.name(pod), "status", patch);
        }
    }
}
