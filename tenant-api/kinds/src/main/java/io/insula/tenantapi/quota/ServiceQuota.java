package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.Quantity;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/// Counts Services, their node ports and load balancers. Source: kubernetes, `evaluator/core/services.go`.
final class ServiceQuota implements QuotaEvaluator {

    private static final String NODE_PORTS = "services.nodeports";
    private static final String LOAD_BALANCERS = "services.loadbalancers";
    private static final Set<String> NAMES = Set.of("services", "count/services", NODE_PORTS, LOAD_BALANCERS);

    @Override
    public Amounts usage(JsonNode object, Instant now) {
        JsonNode spec = object.path("spec");
        int ports = spec.path("ports").size();
        boolean balanced = spec.path("type").asText().equals("LoadBalancer");
        int nodePorts = 0;
        if (balanced && !spec.path("allocateLoadBalancerNodePorts").asBoolean(true)) {
            nodePorts = asked(spec);
        } else if (balanced || spec.path("type").asText().equals("NodePort")) {
            nodePorts = ports;
        }
        return new Amounts(Map.of(
                "services",
                Quantity.ONE,
                "count/services",
                Quantity.ONE,
                NODE_PORTS,
                number(nodePorts),
                LOAD_BALANCERS,
                balanced ? Quantity.ONE : Quantity.ZERO));
    }

    @Override
    public boolean measures(String name) {
        return NAMES.contains(name);
    }

    private static int asked(JsonNode spec) {
        int count = 0;
        for (JsonNode port : spec.path("ports")) {
            count += port.path("nodePort").asInt() != 0 ? 1 : 0;
        }
        return count;
    }

    private static Quantity number(int value) {
        return Quantity.parse(Integer.toString(value)).orElseThrow();
    }
}
