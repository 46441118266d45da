package io.insula.controlplane.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a tenant has. Immutable.
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record TenantStatus(
        @Nullable Long observedGeneration,
        @Nullable String hostNamespace,
        @Nullable String endpoint,
        @Nullable String frontDoor,
        @Nullable List<TenantCondition> conditions) {

    public static final TenantStatus EMPTY = new TenantStatus(null, null, null, null, List.of());

    public TenantStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    public Optional<TenantCondition> condition(String type) {
        return conditions().stream().filter(c -> c.type().equals(type)).findFirst();
    }

    @Override
    public List<TenantCondition> conditions() {
        return conditions == null ? List.of() : conditions;
    }

    /// Replaces the condition of the same type; its transition time stays where the status does not change.
    TenantStatus with(TenantCondition wanted) {
        var all = new ArrayList<TenantCondition>();
        boolean found = false;
        for (TenantCondition old : conditions()) {
            if (!old.type().equals(wanted.type())) {
                all.add(old);
            } else {
                found = true;
                all.add(old.status().equals(wanted.status()) ? wanted.since(old.lastTransitionTime()) : wanted);
            }
        }
        if (!found) {
            all.add(wanted);
        }
        return new TenantStatus(observedGeneration, hostNamespace, endpoint, frontDoor, all);
    }

    TenantStatus observing(
            @Nullable Long generation, String namespace, @Nullable String reachedAt, @Nullable String byName) {
        return new TenantStatus(generation, namespace, reachedAt, byName, conditions);
    }
}
