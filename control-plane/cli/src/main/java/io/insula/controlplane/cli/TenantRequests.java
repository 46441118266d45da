package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;

/// What is asked of one tenant. Stateless.
final class TenantRequests {

    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(150);

    private TenantRequests() {}

    static String kubeconfig(AdminClient admin, String name, ObjectNode request) {
        return KubeconfigOptions.text(admin.post("/v1/tenants/" + name + "/kubeconfig", request));
    }

    /// Suspends or resumes a tenant, and waits until that holds.
    static void suspend(AdminClient admin, String name, boolean on) {
        JsonNode asked = admin.post("/v1/tenants/" + name + (on ? "/suspend" : "/resume"), Json.object());
        awaitSuspended(
                admin, name, on, asked.path("metadata").path("generation").asLong());
    }

    /// @param generation that has been seen once it holds
    private static void awaitSuspended(AdminClient admin, String name, boolean on, long generation) {
        var waiting = Waiting.upTo(READY_WITHIN, LOOK);
        while (true) {
            JsonNode status = admin.get("/v1/tenants/" + name).path("status");
            boolean isSeen = status.path("observedGeneration").asLong() >= generation;
            if (isSeen && Condition.in(status, "Suspended").isTrue() == on) {
                return;
            }
            waiting.pauseOr(() -> "tenant \"" + name + "\" is not " + (on ? "suspended" : "resumed") + " yet after "
                    + READY_WITHIN.toSeconds() + " s; it goes on, `insula tenant get " + name
                    + " -o yaml` shows how it stands");
        }
    }

    static void awaitReady(AdminClient admin, String name) {
        var waiting = Waiting.upTo(READY_WITHIN, LOOK);
        while (true) {
            JsonNode tenant = admin.get("/v1/tenants/" + name);
            var ready = Condition.of(tenant, "Ready");
            if (ready.isTrue()) {
                return;
            }
            var accepted = Condition.of(tenant, "Accepted");
            if (accepted.isFalse()) {
                throw new CommandException(accepted.message());
            }
            waiting.pauseOr(() -> "tenant \"" + name + "\" is not ready after " + READY_WITHIN.toSeconds() + " s: "
                    + (ready.message().isEmpty() ? "nothing is known of it yet" : ready.message())
                    + "; it goes on trying, `insula tenant get " + name + "` shows how it stands");
        }
    }

    /// @return false where somebody has woken it meanwhile
    static boolean awaitAsleep(AdminClient admin, String name) {
        var waiting = Waiting.upTo(READY_WITHIN, LOOK);
        while (true) {
            JsonNode tenant = admin.get("/v1/tenants/" + name);
            var ready = Condition.of(tenant, "Ready");
            if (!tenant.path("metadata").path("annotations").has(Tenancy.ASLEEP)) {
                return false;
            }
            if (ready.reason().equals("Asleep")) {
                return true;
            }
            waiting.pauseOr(() -> "tenant \"" + name + "\" is still being put to sleep after "
                    + READY_WITHIN.toSeconds() + " s; `insula tenant get " + name + "` shows how it stands");
        }
    }
}
