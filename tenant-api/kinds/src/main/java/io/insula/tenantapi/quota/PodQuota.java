package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.PodQos;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Counts pods that have not ended, and what they ask for. Source: kubernetes, `evaluator/core/pods.go`.
final class PodQuota implements QuotaEvaluator {

    private static final Set<String> COMPUTE = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> BOUND = Set.of("cpu", "memory");
    private static final String REQUESTS = "requests.";
    private static final String LIMITS = "limits.";
    private static final String HUGE = "hugepages-";

    @Override
    public Amounts usage(JsonNode object, Instant now) {
        Amounts counted = Amounts.of("count/pods", Quantity.ONE);
        if (!counts(object, now)) {
            return counted;
        }
        var all = new TreeMap<String, Quantity>(counted.byName());
        all.put("pods", Quantity.ONE);
        PodView.of(object).heldRequests().byName().forEach((name, amount) -> {
            if (COMPUTE.contains(name) || name.startsWith(HUGE)) {
                all.put(name, amount);
                all.put(REQUESTS + name, amount);
            } else if (isExtended(name)) {
                all.put(REQUESTS + name, amount);
            }
        });
        PodView.of(object).heldLimits().byName().forEach((name, amount) -> {
            if (COMPUTE.contains(name)) {
                all.put(LIMITS + name, amount);
            }
        });
        return new Amounts(all);
    }

    @Override
    public boolean measures(String name) {
        if (name.equals("pods") || name.equals("count/pods") || COMPUTE.contains(name) || name.startsWith(HUGE)) {
            return true;
        }
        if (name.startsWith(LIMITS)) {
            return COMPUTE.contains(name.substring(LIMITS.length()));
        }
        if (!name.startsWith(REQUESTS)) {
            return false;
        }
        String asked = name.substring(REQUESTS.length());
        return COMPUTE.contains(asked) || asked.startsWith(HUGE) || isExtended(asked);
    }

    @Override
    public boolean inScope(JsonNode requirement, JsonNode object) {
        JsonNode spec = object.path("spec");
        return switch (requirement.path("scopeName").asText()) {
            case "Terminating" -> spec.hasNonNull("activeDeadlineSeconds");
            case "NotTerminating" -> !spec.hasNonNull("activeDeadlineSeconds");
            case "BestEffort" -> isBestEffort(spec);
            case "NotBestEffort" -> !isBestEffort(spec);
            case "PriorityClass" ->
                Quotas.selects(requirement, spec.path("priorityClassName").asText(""));
            case "CrossNamespacePodAffinity" -> CrossNamespaceAffinity.usedBy(spec);
            default -> false;
        };
    }

    /// Where cpu or memory is limited, each container must say how much it wants: what is not said cannot be counted.
    @Override
    public String missing(Set<String> names, JsonNode object) {
        JsonNode spec = object.path("spec");
        if (!spec.path("resources").isEmpty()) {
            return "";
        }
        var unsaid = new TreeMap<String, TreeSet<String>>();
        for (ContainerView container : new PodSpecView(spec).startedContainers()) {
            for (String name : names) {
                if (mustBeSaid(name) && !says(container.resources(), name)) {
                    unsaid.computeIfAbsent(name, n -> new TreeSet<>()).add(container.name());
                }
            }
        }
        return unsaid.entrySet().stream()
                .map(e -> e.getKey() + " for: " + String.join(",", e.getValue()))
                .collect(Collectors.joining("; "));
    }

    private static boolean mustBeSaid(String name) {
        return BOUND.contains(bare(name)) && !name.startsWith(HUGE);
    }

    private static boolean says(JsonNode resources, String name) {
        String list = name.startsWith(LIMITS) ? "limits" : "requests";
        return resources.path(list).has(bare(name));
    }

    private static String bare(String name) {
        return name.startsWith(REQUESTS) || name.startsWith(LIMITS) ? name.substring(name.indexOf('.') + 1) : name;
    }

    private static boolean isBestEffort(JsonNode spec) {
        return PodQos.of(spec).equals("BestEffort");
    }

    /// Neither ended nor past the end of its grace period.
    private static boolean counts(JsonNode pod, Instant now) {
        if (PodView.of(pod).isTerminal()) {
            return false;
        }
        JsonNode meta = pod.path("metadata");
        if (!Meta.isBeingDeleted(pod) || !meta.hasNonNull("deletionGracePeriodSeconds")) {
            return true;
        }
        return Meta.time(meta.path("deletionTimestamp"))
                .map(marked -> !now.isAfter(Meta.after(
                        marked, meta.path("deletionGracePeriodSeconds").asLong())))
                .orElse(true);
    }

    private static boolean isExtended(String name) {
        return name.contains("/") && !name.contains(WellKnownKeys.KUBERNETES_PREFIX);
    }

    /// Required or preferred (anti-)affinity that looks into other namespaces.
    private static final class CrossNamespaceAffinity {

        private static final Map<String, String> LISTS = Map.of(
                "requiredDuringSchedulingIgnoredDuringExecution", "",
                "preferredDuringSchedulingIgnoredDuringExecution", "podAffinityTerm");

        static boolean usedBy(JsonNode spec) {
            for (String kind : new String[] {"podAffinity", "podAntiAffinity"}) {
                JsonNode affinity = spec.path("affinity").path(kind);
                for (Map.Entry<String, String> list : LISTS.entrySet()) {
                    for (JsonNode entry : affinity.path(list.getKey())) {
                        JsonNode term = list.getValue().isEmpty() ? entry : entry.path(list.getValue());
                        if (!term.path("namespaces").isEmpty() || term.hasNonNull("namespaceSelector")) {
                            return true;
                        }
                    }
                }
            }
            return false;
        }
    }
}
