package io.insula.isolation;

import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.rules.resources.PodTotal;
import java.math.BigDecimal;

/// What a host's scheduler counts for a workload.
final class Held {

    private Held() {}

    /// Of one resource; nothing for what does not run.
    static BigDecimal of(HostWorkload workload, ProfileSettings settings, String name) {
        return Reservation.of(workload, settings)
                .map(spec -> PodTotal.requests(
                                ResourceTotals.parts(spec, ResourceRequirements::getRequests),
                                ResourceTotals.amounts(ResourceRules.orEmpty(spec.getResources())
                                        .getRequests()),
                                ResourceTotals.amounts(spec.getOverhead()))
                        .get(name)
                        .value())
                .orElse(BigDecimal.ZERO);
    }
}
