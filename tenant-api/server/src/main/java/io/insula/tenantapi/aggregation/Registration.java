package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.discovery.GroupOrder;
import io.insula.tenantapi.view.Condition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Which APIServices must exist for what this server serves itself. Pure.
/// Source: kube-aggregator, `controllers/autoregister`; kubernetes, `pkg/controlplane/apiserver/aggregator.go`.
final class Registration {

    static final String AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged";
    private static final String OWN_GROUP = "apiregistration.k8s.io";

    private Registration() {}

    /// @param custom whether it comes from a CustomResourceDefinition, and may go
    record Local(String group, String version, boolean custom) {
        String name() {
            return version + "." + group;
        }
    }

    sealed interface Change {
        record Create(ObjectNode apiService) implements Change {}

        /// @param apiService with its resourceVersion
        record Replace(ObjectNode apiService) implements Change {}

        record Delete(String name) implements Change {}
    }

    /// What to do, given what is there. An APIService of a served group and version always says that it is local:
    /// nobody can lead such requests elsewhere.
    static List<Change> changes(Collection<Local> served, List<ObjectNode> present) {
        var wanted = new TreeMap<String, Local>();
        served.stream()
                .filter(local -> !local.group().equals(OWN_GROUP))
                .forEach(local -> wanted.putIfAbsent(local.name(), local));
        Map<String, ObjectNode> byName = new HashMap<>();
        present.forEach(object -> byName.put(Meta.name(object), object));
        var changes = new ArrayList<Change>();
        wanted.forEach((name, local) -> {
            ObjectNode current = byName.get(name);
            if (current == null) {
                changes.add(new Change.Create(object(local)));
            } else if (isWrong(current, local)) {
                changes.add(new Change.Replace(localised(current, local)));
            }
        });
        present.stream()
                .filter(object -> !wanted.containsKey(Meta.name(object)))
                .filter(Registration::isManaged)
                .forEach(object -> changes.add(new Change.Delete(Meta.name(object))));
        return changes;
    }

    /// Built-in groups and versions whose APIService is not there, or not available.
    static Set<String> missing(Collection<Local> served, List<ObjectNode> present) {
        Set<String> available = present.stream()
                .filter(Registration::isAvailable)
                .map(Meta::name)
                .collect(Collectors.toUnmodifiableSet());
        return served.stream()
                .filter(local -> !local.custom() && !local.group().equals(OWN_GROUP))
                .map(Local::name)
                .filter(name -> !available.contains(name))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isAvailable(JsonNode object) {
        return Condition.isTrue(object, "Available");
    }

    /// Those of custom resources are kept as they are meant; of the others the priorities are anybody's.
    private static boolean isWrong(JsonNode current, Local local) {
        boolean kept = Meta.labels(current).getOrDefault(AUTOMANAGED, "").equals("true");
        return current.path("spec").path("service").isObject()
                || (kept && !current.path("spec").equals(spec(local)));
    }

    private static ObjectNode object(Local local) {
        ObjectNode object =
                Json.object().put("apiVersion", "apiregistration.k8s.io/v1").put("kind", "APIService");
        ObjectNode metadata = object.putObject("metadata").put("name", local.name());
        metadata.putObject("labels").put(AUTOMANAGED, local.custom() ? "true" : "onstart");
        object.set("spec", spec(local));
        return object;
    }

    private static ObjectNode spec(Local local) {
        return Json.object()
                .put("group", local.group())
                .put("groupPriorityMinimum", GroupOrder.groupPriority(local.group()))
                .put("version", local.version())
                .put("versionPriority", GroupOrder.versionPriority(local.group(), local.version(), local.custom()));
    }

    private static ObjectNode localised(ObjectNode current, Local local) {
        ObjectNode changed = current.deepCopy();
        changed.set("spec", spec(local));
        return changed;
    }

    private static boolean isManaged(JsonNode object) {
        return Meta.labels(object).containsKey(AUTOMANAGED)
                && !object.path("spec").path("service").isObject();
    }
}
