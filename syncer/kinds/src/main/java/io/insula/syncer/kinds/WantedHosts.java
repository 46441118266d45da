package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Which names of the outside an Ingress of a tenant asks the host for: what decides whether a claim to them may be
/// taken away. Pure.
public final class WantedHosts {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private WantedHosts() {}

    /// @param ingress as the tenant's API server gives it
    /// @param isShared whether the host shares the IngressClass of this name
    public static Set<String> of(JsonNode ingress, Predicate<String> isShared) {
        var own = MAPPER.convertValue(ingress, Ingress.class);
        var name = HostIngresses.className(own);
        return own.getMetadata().getDeletionTimestamp() == null && !name.isEmpty() && isShared.test(name)
                ? IngressHosts.wanted(own)
                : Set.of();
    }

    /// Takes from a claim (`IngressHosts`) the names that nobody wants any more.
    ///
    /// @return whether any is left
    public static boolean keep(GenericKubernetesResource claim, Set<String> wanted) {
        var kept = new ArrayList<Object>();
        if (claim.getAdditionalProperties().get("spec") instanceof Map<?, ?> spec
                && spec.get("hosts") instanceof List<?> hosts) {
            hosts.stream()
                    .filter(each -> each instanceof Map<?, ?> host && wanted.contains(host.get("name")))
                    .forEach(kept::add);
        }
        claim.setAdditionalProperty("spec", Map.of("hosts", kept));
        return !kept.isEmpty();
    }
}
