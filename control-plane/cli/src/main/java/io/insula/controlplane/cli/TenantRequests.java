package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What is asked of one tenant. Stateless.
final class TenantRequests {

    private static final Duration READY_WITHIN = Duration.ofMinutes(2);

    private TenantRequests() {}

    static String kubeconfig(AdminClient admin, String name, ObjectNode request) {
        return KubeconfigOptions.text(admin.post("/v1/tenants/" + name + "/kubeconfig", request));
    }

    static void awaitReady(AdminClient admin, String name) {
        Instant deadline = Instant.now().plus(READY_WITHIN);
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
            if (Instant.now().isAfter(deadline)) {
                throw new CommandException("tenant \"" + name + "\" is not ready after " + READY_WITHIN.toSeconds()
                        + " s: " + (ready.message().isEmpty() ? "nothing is known of it yet" : ready.message())
                        + "; it goes on trying, `insula tenant get " + name + "` shows how it stands");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
        }
    }
}
