package io.insula.controlplane.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Source: Kubernetes API conventions, "Typical status properties".
///
/// @param lastTransitionTime RFC 3339
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record TenantCondition(
        String type,
        String status,
        @Nullable Long observedGeneration,
        String lastTransitionTime,
        String reason,
        String message) {

    /// The name and the profile are usable.
    public static final String ACCEPTED = "Accepted";

    /// Namespace, certificates and etcd exist.
    public static final String PROVISIONED = "Provisioned";

    /// The API server answers and is synced with the host.
    public static final String READY = "Ready";

    /// The last backup of it was taken, whoever asked for it.
    public static final String BACKED_UP = "BackedUp";

    /// It was set back to a backup.
    public static final String RESTORED = "Restored";

    /// Nobody but the system writes to it.
    public static final String SUSPENDED = "Suspended";

    /// What its rules send to the host goes there.
    public static final String CUSTOM_KINDS_SYNCED = "CustomKindsSynced";

    static TenantCondition of(
            String type, boolean holds, @Nullable Long generation, Instant now, String reason, String message) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new TenantCondition(type, holds ? "True" : "False", generation, time, reason, message);
    }

    public boolean holds() {
        return status.equals("True");
    }

    TenantCondition since(String time) {
        return new TenantCondition(type, status, observedGeneration, time, reason, message);
    }
}
