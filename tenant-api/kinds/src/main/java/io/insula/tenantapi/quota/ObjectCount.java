package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.GroupVersionResource;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/// Counts objects as `count/<resource>.<group>`, five core resources also under their bare name.
record ObjectCount(GroupVersionResource resource) implements QuotaEvaluator {

    static final String PREFIX = "count/";

    /// Source: kubernetes, `pkg/quota/v1/evaluator/core/registry.go`, legacyObjectCountAliases.
    static final Set<String> ALIASES = Set.of("configmaps", "resourcequotas", "replicationcontrollers", "secrets");

    @Override
    public Amounts usage(JsonNode object, Instant now) {
        Amounts counted = Amounts.of(name(), Quantity.ONE);
        return hasAlias() ? counted.plus(new Amounts(Map.of(resource.resource(), Quantity.ONE))) : counted;
    }

    @Override
    public boolean measures(String name) {
        return name.equals(name()) || (hasAlias() && name.equals(resource.resource()));
    }

    private String name() {
        return PREFIX + resource.qualified();
    }

    private boolean hasAlias() {
        return resource.group().isEmpty() && ALIASES.contains(resource.resource());
    }
}
