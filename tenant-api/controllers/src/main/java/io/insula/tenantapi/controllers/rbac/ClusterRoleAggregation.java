package io.insula.tenantapi.controllers.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.LabelSelectors;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// Fills `rules` of cluster roles with an `aggregationRule` from the roles it selects.
/// Source: kubernetes, `pkg/controller/clusterroleaggregation`.
final class ClusterRoleAggregation implements Controller {

    private final ObjectClient client;
    private final Store roles;

    private ClusterRoleAggregation(ControllerContext context) {
        this.client = context.client();
        this.roles = context.store(Resources.CLUSTER_ROLES);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "clusterrole-aggregation-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new ClusterRoleAggregation(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.CLUSTER_ROLES, this::aggregating)
                .workers(1);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = roles.get(key).filter(ClusterRoleAggregation::aggregates);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ArrayNode wanted = rules(found.get());
        JsonNode current = found.get().path("rules");
        boolean same = current.isArray() ? current.equals(wanted) : wanted.isEmpty();
        if (!same) {
            ObjectNode patch = Json.object();
            patch.putObject("metadata").put("resourceVersion", Meta.resourceVersion(found.get()));
            patch.set("rules", wanted);
            client.mergePatch(Resources.CLUSTER_ROLES, "", key.name(), "", patch);
        }
        return Outcome.SETTLED;
    }

    private ArrayNode rules(ObjectNode role) {
        Set<JsonNode> rules = new LinkedHashSet<>();
        roles.list().stream()
                .filter(other -> !Meta.name(other).equals(Meta.name(role)) && selects(role, other))
                .sorted(Comparator.comparing(Meta::name))
                .forEach(other -> other.path("rules").forEach(rules::add));
        ArrayNode all = Json.MAPPER.createArrayNode();
        rules.forEach(rule -> all.add(rule.deepCopy()));
        return all;
    }

    private static boolean selects(ObjectNode role, ObjectNode other) {
        for (JsonNode selector : role.path("aggregationRule").path("clusterRoleSelectors")) {
            if (LabelSelectors.matches(selector, Meta.labels(other))) {
                return true;
            }
        }
        return false;
    }

    private static boolean aggregates(ObjectNode role) {
        return !role.path("aggregationRule").path("clusterRoleSelectors").isEmpty();
    }

    private Collection<Key> aggregating(ObjectEvent event) {
        return roles.list().stream()
                .filter(ClusterRoleAggregation::aggregates)
                .map(Key::of)
                .toList();
    }
}
