package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.PodTotal;
import io.insula.rules.resources.PodTotal.Part;
import io.insula.rules.resources.PodTotal.Role;
import io.insula.tenantapi.view.ContainerView.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The requests or the limits of a pod as a whole, as [PodTotal] reckons them.
///
/// While a pod is being resized in place, a running container counts with the most of what is wanted, what its node
/// has set aside for it, and what is in force; what is wanted does not count where the node can never give it.
/// Source: kubernetes/component-helpers, `resource/helpers.go`, option `UseStatusResources`, of Kubernetes 1.34.
final class PodAmounts {

    private static final String REQUESTS = "requests";
    private static final String LIMITS = "limits";

    private PodAmounts() {}

    /// What the spec says, without the overhead of the sandbox.
    static Amounts requested(PodSpecView spec) {
        return PodTotal.requests(parts(spec, REQUESTS), whole(spec, REQUESTS), Amounts.NONE);
    }

    /// As [#requested].
    static Amounts limited(PodSpecView spec) {
        return PodTotal.limits(parts(spec, LIMITS), whole(spec, LIMITS), Amounts.NONE);
    }

    /// What the pod takes of its node, with the overhead of the sandbox.
    static Amounts held(PodView pod) {
        return PodTotal.requests(
                new Resizing(pod, REQUESTS).parts(),
                whole(pod.spec(), REQUESTS),
                Amounts.of(pod.spec().overhead()));
    }

    /// As [#held].
    static Amounts mostUsed(PodView pod) {
        return PodTotal.limits(
                new Resizing(pod, LIMITS).parts(),
                whole(pod.spec(), LIMITS),
                Amounts.of(pod.spec().overhead()));
    }

    private static Amounts whole(PodSpecView spec, String field) {
        return Amounts.of(spec.resources().path(field));
    }

    private static List<Part> parts(PodSpecView spec, String field) {
        var parts = new ArrayList<Part>();
        spec.startedContainers().forEach(each -> parts.add(new Part(role(each), wanted(each, field))));
        return parts;
    }

    private static Role role(ContainerView container) {
        if (container.isSidecar()) {
            return Role.SIDECAR;
        }
        return container.list() == Kind.INIT ? Role.INIT : Role.MAIN;
    }

    private static Amounts wanted(ContainerView container, String field) {
        return Amounts.of(container.resources().path(field));
    }

    /// One pod and what its node says of it. Confined to one reckoning.
    private static final class Resizing {
        private final PodView pod;
        private final String field;
        private final Map<String, JsonNode> statuses = new HashMap<>();

        Resizing(PodView pod, String field) {
            this.pod = pod;
            this.field = field;
            for (Kind kind : List.of(Kind.ORDINARY, Kind.INIT)) {
                pod.statuses(kind)
                        .forEach(status -> statuses.put(status.path("name").asText(""), status));
            }
        }

        List<Part> parts() {
            var parts = new ArrayList<Part>();
            for (ContainerView container : pod.spec().startedContainers()) {
                Role role = role(container);
                Amounts wanted = wanted(container, field);
                parts.add(new Part(
                        role,
                        role == Role.INIT ? wanted : inForce(container, wanted).orElse(wanted)));
            }
            return parts;
        }

        /// Empty where the node has not said what is in force.
        private Optional<Amounts> inForce(ContainerView container, Amounts wanted) {
            JsonNode status = statuses.get(container.name());
            if (status == null || !status.hasNonNull("resources")) {
                return Optional.empty();
            }
            Amounts given = Amounts.of(status.path("resources").path(field));
            if (field.equals(REQUESTS)) {
                given = given.max(Amounts.of(status.path("allocatedResources")));
            }
            return Optional.of(isInfeasible() ? given : wanted.max(given));
        }

        private boolean isInfeasible() {
            return pod.condition("PodResizePending").reason().equals("Infeasible");
        }
    }
}
