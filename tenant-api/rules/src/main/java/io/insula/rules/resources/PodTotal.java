package io.insula.rules.resources;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// What a pod comes to as a whole: the greatest sum of what runs at one moment of its life. Main containers and
/// restartable init containers (sidecars) run together; every other init container runs alone beside the sidecars
/// that started before it. Of CPU, memory and huge pages the pod may itself name an amount, which holds instead.
///
/// Pure. Whoever reads pods, in whatever form, reads their containers into [Part]s.
///
/// Source: kubernetes/component-helpers, `resource/helpers.go`, `PodRequests` and `PodLimits`, of Kubernetes 1.34.
public final class PodTotal {

    private static final Set<String> OF_PODS = Set.of("cpu", "memory");
    private static final String HUGE_PAGES = "hugepages-";

    private PodTotal() {}

    /// When a container runs.
    public enum Role {
        /// Until it ends, before those after it.
        INIT,
        /// From its turn among the init containers until the pod ends.
        SIDECAR,
        /// Beside all main containers, until the pod ends.
        MAIN
    }

    /// The requests or the limits of one container.
    public record Part(Role role, Amounts amounts) {}

    /// What a node holds free for the pod.
    ///
    /// @param parts the containers' requests, those of init containers and sidecars in the order of their start
    /// @param whole what the pod itself requests; what no pod can name is ignored
    /// @param overhead of its sandbox
    public static Amounts requests(List<Part> parts, Amounts whole, Amounts overhead) {
        return instead(ofContainers(parts), whole).plus(overhead);
    }

    /// What the pod may use at most, of what is limited at all; the overhead adds to nothing else.
    ///
    /// @param parts as for [#requests], of limits
    public static Amounts limits(List<Part> parts, Amounts whole, Amounts overhead) {
        Amounts limits = instead(ofContainers(parts), whole);
        return limits.plus(overhead.only(limits.positive()));
    }

    /// Without what the pod itself names.
    public static Amounts ofContainers(List<Part> parts) {
        Amounts running = Amounts.NONE;
        Amounts sidecars = Amounts.NONE;
        Amounts starting = Amounts.NONE;
        for (Part part : parts) {
            switch (part.role()) {
                case MAIN -> running = running.plus(part.amounts());
                case SIDECAR -> {
                    sidecars = sidecars.plus(part.amounts());
                    starting = starting.max(sidecars);
                }
                case INIT -> starting = starting.max(sidecars.plus(part.amounts()));
            }
        }
        return running.plus(sidecars).max(starting);
    }

    /// Whether a pod itself can name an amount of this resource.
    public static boolean isOfPods(String resource) {
        return OF_PODS.contains(resource) || resource.startsWith(HUGE_PAGES);
    }

    private static Amounts instead(Amounts containers, Amounts whole) {
        var all = new TreeMap<>(containers.byName());
        whole.byName().forEach((name, amount) -> {
            if (isOfPods(name)) {
                all.put(name, amount);
            }
        });
        return new Amounts(all);
    }
}
