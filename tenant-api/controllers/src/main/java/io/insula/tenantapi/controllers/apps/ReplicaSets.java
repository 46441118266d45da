package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;

/// Reads replica sets (and deployments, where the fields are the same).
final class ReplicaSets {

    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
    static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    static final String MAX = "deployment.kubernetes.io/max-replicas";
    static final String HASH = "pod-template-hash";

    static final Comparator<ObjectNode> OLDEST_FIRST =
            Comparator.<ObjectNode, Instant>comparing(ReplicaSets::created).thenComparing(Meta::name);

    private ReplicaSets() {}

    /// 0 where there is none.
    static long revision(JsonNode object) {
        return number(object, REVISION, 0);
    }

    /// A numeric annotation, or `absent`.
    static long number(JsonNode object, String annotation, long absent) {
        try {
            return Long.parseLong(Meta.annotations(object).getOrDefault(annotation, ""));
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    static int sumReplicas(Collection<ObjectNode> sets) {
        return sets.stream().mapToInt(set -> WorkloadView.of(set).replicas()).sum();
    }

    static int sumAvailable(Collection<ObjectNode> sets) {
        return sets.stream()
                .mapToInt(set -> WorkloadView.of(set).availableReplicas())
                .sum();
    }

    static Instant created(JsonNode object) {
        return Meta.created(object).orElse(Instant.EPOCH);
    }

    /// Writes a count; zero is left out, as upstream's encoder does.
    static void count(ObjectNode status, String field, long value) {
        if (value == 0) {
            status.remove(field);
        } else {
            status.put(field, (int) value);
        }
    }

    /// The merge patch from one status to another: all of the wanted one, and null for what is not wanted.
    static ObjectNode mergeOf(ObjectNode current, ObjectNode wanted) {
        ObjectNode patch = wanted.deepCopy();
        current.fieldNames().forEachRemaining(field -> {
            if (!wanted.has(field)) {
                patch.putNull(field);
            }
        });
        return patch;
    }
}
