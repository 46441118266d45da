package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.syncer.custom.CustomKind;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How much one tenant may have, over all its namespaces, of what is finite on the host: hard limits by the names of a
/// ResourceQuota, and the bytes of its ConfigMaps and Secrets. Immutable.
///
/// @param hard sorted by name
public record TenantLimits(SequencedMap<String, Quantity> hard) {

    public static final String CONFIG_BYTES = "bytes/configmaps";
    public static final String SECRET_BYTES = "bytes/secrets";

    /// What a tenant has whose spec names nothing else; a limit of the spec takes the place of the one of its name.
    /// A host has 2,768 node ports and, usually, a million cluster addresses.
    public static final TenantLimits DEFAULT = new TenantLimits(Map.ofEntries(
            limit("pods", "5000"),
            limit("services", "1000"),
            limit("services.nodeports", "50"),
            limit("services.loadbalancers", "10"),
            limit("persistentvolumeclaims", "500"),
            limit("requests.storage", "10Ti"),
            limit("configmaps", "5000"),
            limit("secrets", "5000"),
            limit(CONFIG_BYTES, "256Mi"),
            limit(SECRET_BYTES, "256Mi")));

    private static final Quantity OF_A_CUSTOM_KIND = new Quantity("1000");

    public TenantLimits {
        hard = java.util.Collections.unmodifiableSequencedMap(new TreeMap<>(hard));
    }

    private TenantLimits(Map<String, Quantity> hard) {
        this(new TreeMap<>(hard));
    }

    /// @param spec `limits` of a tenant's spec as a JSON parser gives it; null for the defaults
    /// @param customKinds those that rules of the tenant send to the host
    /// @throws IllegalArgumentException naming what is no amount
    static TenantLimits of(@Nullable Map<String, ?> spec, List<CustomKind> customKinds) {
        var all = new TreeMap<>(DEFAULT.hard());
        customKinds.forEach(kind -> all.put(ofCustomKind(kind), OF_A_CUSTOM_KIND));
        if (spec != null) {
            spec.forEach((name, value) -> all.put(name, quantity(name, String.valueOf(value))));
        }
        return new TenantLimits(all);
    }

    /// The name of the limit of how many objects there are of a custom kind.
    static String ofCustomKind(CustomKind kind) {
        return "count/" + kind.definition();
    }

    private static Quantity quantity(String name, String text) {
        try {
            var quantity = new Quantity(text);
            if (quantity.getNumericalAmount().signum() >= 0) {
                return quantity;
            }
        } catch (IllegalArgumentException | ArithmeticException _) {
            // told below
        }
        throw new IllegalArgumentException("limits." + name + ": \"" + text + "\" (expected: a quantity >= 0)");
    }

    private static Map.Entry<String, Quantity> limit(String name, String amount) {
        return Map.entry(name, new Quantity(amount));
    }
}
