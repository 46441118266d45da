package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// How a tenant hears why its pod is not on the host: where users look, by a condition and an Event. What the pod says
/// already is not said again. Pure.
final class PodNews {

    static final Duration WAIT = Duration.ofSeconds(1);

    /// How long something that is about to happen is nothing to tell of.
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private PodNews() {}

    /// The tenant's controller makes it within moments; where it cannot, the pod says what it waits for.
    static List<Change> awaitClaim(Pod tenant, String claim, TenantView view) {
        var waitingFor =
                "waiting for ephemeral volume controller to create the persistentvolumeclaim \"" + claim + "\"";
        if (view.now().isBefore(created(tenant, view).plus(PATIENCE))) {
            return List.of(new LookAgain(WAIT, waitingFor));
        }
        var status = Trees.object().put("phase", "Pending");
        condition(status, "Unschedulable", waitingFor);
        return Trees.contains(Trees.of(tenant.getStatus()), status) ? List.of() : List.of(status(tenant, status));
    }

    /// Looked at again when a Node changes.
    ///
    /// @param node where room is being made for it; empty for none
    static List<Change> unschedulable(Pod tenant, String message, String node, TenantView view) {
        var status = Trees.object().put("phase", "Pending");
        condition(status, "Unschedulable", message);
        boolean isTold = Trees.contains(Trees.of(tenant.getStatus()), status);
        boolean moves = !Preempting.nominated(tenant).equals(node);
        if (moves) {
            status.put(Preempting.NOMINATED, node.isEmpty() ? null : node);
        }
        var changes = new ArrayList<Change>();
        if (!isTold) {
            changes.add(TenantEvents.warning(
                    tenant, "FailedScheduling", message, created(tenant, view).toString()));
        }
        if (!isTold || moves) {
            changes.add(status(tenant, status));
        }
        return changes;
    }

    static Instant created(Pod tenant, TenantView view) {
        try {
            return Instant.parse(Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), ""));
        } catch (DateTimeParseException e) {
            return view.now();
        }
    }

    static void condition(ObjectNode status, String reason, String message) {
        Conditions.none(status)
                .add("PodScheduled", "False")
                .put("reason", reason)
                .put("message", message);
    }

    /// Lists are replaced whole: where the tenant's controllers write conditions too, only those seen here are.
    static Change status(Pod tenant, ObjectNode status) {
        var patch = Trees.object();
        patch.set("status", status);
        var version = tenant.getMetadata().getResourceVersion();
        if (version != null && HostStatus.isShared(tenant)) {
            patch.withObject("/metadata").put("resourceVersion", version);
        }
        return new PatchTenant(Kinds.POD, tenant, "status", patch);
    }

    /// Told where users look: an Event, and the condition that `kubectl describe` shows.
    static List<Change> refuse(Pod tenant, Unsupported refused, String phase) {
        var message = refused.field() + ": " + refused.message();
        var status = Trees.object().put("phase", phase);
        if (phase.equals("Failed")) {
            status.put("reason", "Unsupported").put("message", message);
        }
        condition(status, "Unsupported", message);
        if (Trees.contains(Trees.of(tenant.getStatus()), status)) {
            return List.of();
        }
        var created = Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), "");
        return List.of(TenantEvents.warning(tenant, "Unsupported", message, created), status(tenant, status));
    }
}
