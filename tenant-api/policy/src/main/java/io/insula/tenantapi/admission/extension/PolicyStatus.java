package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what [TypeChecking] finds into the status of policies, once for each generation: after a write through this
/// server, and at its start for what was left. Thread-safe. Source: kubernetes,
/// `pkg/controller/validatingadmissionpolicystatus`.
final class PolicyStatus implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyStatus.class);

    private final GroupVersionResource resource;
    private final TypeChecking checking;
    private final Supplier<ObjectClient> client;
    private volatile boolean closed;

    /// @param client acts as the server itself
    PolicyStatus(GroupVersionResource resource, TypeChecking checking, Supplier<ObjectClient> client) {
        this.resource = resource;
        this.checking = checking;
        this.client = client;
    }

    GroupVersionResource resource() {
        return resource;
    }

    /// Looks at all policies, on a thread of its own.
    void start() {
        Thread.ofVirtual().name("policy-status").start(() -> {
            try {
                client.get().list(resource, "", ObjectClient.Query.ALL).items().forEach(this::settle);
            } catch (ApiException e) {
                logFailure("*", e);
            }
        });
    }

    /// Looks at a policy that was just stored. The writer does not wait for it.
    void written(ObjectNode policy) {
        if (isDue(policy)) {
            ObjectNode copy = policy.deepCopy();
            Thread.ofVirtual().name("policy-status-" + Meta.name(policy)).start(() -> settle(copy));
        }
    }

    private static boolean isDue(ObjectNode policy) {
        return !Meta.isBeingDeleted(policy)
                && policy.path("metadata").path("generation").asLong()
                        > policy.path("status").path("observedGeneration").asLong();
    }

    private void settle(ObjectNode policy) {
        if (closed || !isDue(policy)) {
            return;
        }
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("uid", Meta.uid(policy));
        ObjectNode status = patch.putObject("status");
        status.put(
                "observedGeneration", policy.path("metadata").path("generation").asLong());
        var warnings = checking.check(policy);
        var typeChecking = status.putObject("typeChecking");
        if (warnings.isEmpty()) {
            typeChecking.putNull("expressionWarnings");
        } else {
            typeChecking.set("expressionWarnings", warnings);
        }
        try {
            client.get().mergePatch(resource, "", Meta.name(policy), "status", patch);
        } catch (ApiException e) {
            logFailure(Meta.name(policy), e);
        }
    }

    private void logFailure(String policy, ApiException e) {
        if (!closed && !e.is("NotFound") && !e.is("Conflict")) {
            LOG.atWarn().setCause(e).addKeyValue("policy", policy).log("type checking was not recorded");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
