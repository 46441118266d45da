package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.util.Set;
import java.util.TreeMap;

/// Counts claims and the storage they ask for, in all and by storage class.
/// Source: kubernetes, `evaluator/core/persistent_volume_claims.go`.
final class ClaimQuota implements QuotaEvaluator {

    private static final String CLAIMS = "persistentvolumeclaims";
    private static final String STORAGE = "requests.storage";
    private static final String OF_CLASS = ".storageclass.storage.k8s.io/";
    private static final Set<String> NAMES = Set.of(CLAIMS, "count/" + CLAIMS, STORAGE);

    @Override
    public Amounts usage(JsonNode object, Instant now) {
        var all = new TreeMap<String, Quantity>();
        all.put("count/" + CLAIMS, Quantity.ONE);
        all.put(CLAIMS, Quantity.ONE);
        String storageClass = Meta.annotations(object)
                .getOrDefault(
                        WellKnownKeys.STORAGE_CLASS,
                        object.path("spec").path("storageClassName").asText(""));
        if (!storageClass.isEmpty()) {
            all.put(storageClass + OF_CLASS + CLAIMS, Quantity.ONE);
        }
        Quantity asked = amount(object.path("spec").path("resources").path("requests"));
        Quantity given = amount(object.path("status").path("allocatedResources"));
        Quantity storage = given.compareTo(asked) > 0 ? given : asked;
        if (storage.value().signum() > 0) {
            all.put(STORAGE, storage);
            if (!storageClass.isEmpty()) {
                all.put(storageClass + OF_CLASS + STORAGE, storage);
            }
        }
        return new Amounts(all);
    }

    @Override
    public boolean measures(String name) {
        return NAMES.contains(name) || name.endsWith(OF_CLASS + CLAIMS) || name.endsWith(OF_CLASS + STORAGE);
    }

    @Override
    public boolean inScope(JsonNode requirement, JsonNode object) {
        return requirement.path("scopeName").asText().equals("VolumeAttributesClass")
                && Quotas.selects(
                        requirement,
                        object.path("spec").path("volumeAttributesClassName").asText(""));
    }

    private static Quantity amount(JsonNode list) {
        return Quantity.orZero(list.path("storage").asText(""));
    }
}
