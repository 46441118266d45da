package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.node.runtime.Resources;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// From requests and limits to what cgroups bound. Stateless.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go` (shares, quota) and `pkg/kubelet/qos/policy.go` (OOM scores).
public final class Resourcing {

    private static final long SHARES_PER_CORE = 1024;
    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;
    private static final long PERIOD_MICROS = 100_000;
    private static final long LEAST_QUOTA_MICROS = 1000;
    private static final int GUARANTEED_SCORE = -997;
    private static final int BEST_EFFORT_SCORE = 1000;

    private Resourcing() {}

    /// @param machineBytes the machine's memory
    public static Resources of(Pod pod, Container container, long machineBytes) {
        Quantity cpu = requests(container).get("cpu");
        Quantity cpuLimit = limits(container).get("cpu");
        Quantity memory = limits(container).get("memory");
        return new Resources(
                shares(cpu),
                PERIOD_MICROS,
                cpuLimit == null ? 0 : quota(cpuLimit),
                memory == null ? 0 : amount(memory).longValue(),
                score(pod, container, machineBytes),
                Map.of());
    }

    /// What bounds all of a pod together: the sums of its containers, or what it says itself.
    public static Resources ofPod(Pod pod) {
        PodSpecView spec = PodView.of(PodTrees.of(pod)).spec();
        Amounts overhead = Amounts.of(spec.overhead());
        Amounts requests = spec.requests().plus(overhead);
        Amounts limits = spec.limits().plus(overhead);
        boolean some = !qos(pod).equals("BestEffort");
        return new Resources(
                shares(quantity(requests, "cpu")),
                PERIOD_MICROS,
                some && isLimited(pod, "cpu") ? quota(quantity(limits, "cpu")) : 0,
                some && isLimited(pod, "memory") ? limits.get("memory").longValue() : 0,
                0,
                Map.of());
    }

    private static Quantity quantity(Amounts amounts, String name) {
        return new Quantity(amounts.get(name).value().toPlainString());
    }

    /// A sandbox that is a program of its own (gVisor) lives in the pod's group too. Where nobody says what it takes,
    /// the containers' sum would be too little for both.
    private static boolean isOverheadKnown(Pod pod) {
        String name = pod.getSpec().getRuntimeClassName();
        return name == null || name.isEmpty() || !pod.getSpec().getOverhead().isEmpty();
    }

    /// Whether a pod as a whole has a limit: its own, or one of each of its containers.
    private static boolean isLimited(Pod pod, String resource) {
        return isSome(whole(pod).getLimits().get(resource))
                || (isOverheadKnown(pod)
                        && containers(pod).allMatch(c -> isSome(limits(c).get(resource))));
    }

    /// What the pod says of itself beside its containers.
    private static ResourceRequirements whole(Pod pod) {
        return pod.getSpec().getResources() == null
                ? new ResourceRequirements()
                : pod.getSpec().getResources();
    }

    private static Stream<Container> containers(Pod pod) {
        return Stream.concat(pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream());
    }

    static Map<String, Quantity> limits(Container container) {
        return container.getResources() == null || container.getResources().getLimits() == null
                ? Map.of()
                : container.getResources().getLimits();
    }

    /// As the API server defaults them: what has a limit and no request, requests it.
    static Map<String, Quantity> requests(Container container) {
        var requests = new HashMap<>(limits(container));
        if (container.getResources() != null && container.getResources().getRequests() != null) {
            requests.putAll(container.getResources().getRequests());
        }
        return requests;
    }

    private static long shares(@Nullable Quantity cpu) {
        if (cpu == null) {
            return LEAST_SHARES;
        }
        long shares = amount(cpu)
                .multiply(BigDecimal.valueOf(SHARES_PER_CORE))
                .setScale(0, RoundingMode.DOWN)
                .longValue();
        return Math.clamp(shares, LEAST_SHARES, MOST_SHARES);
    }

    private static long quota(Quantity cpu) {
        long quota = amount(cpu)
                .multiply(BigDecimal.valueOf(PERIOD_MICROS))
                .setScale(0, RoundingMode.DOWN)
                .longValue();
        return quota == 0 ? 0 : Math.max(quota, LEAST_QUOTA_MICROS);
    }

    private static int score(Pod pod, Container container, long machineBytes) {
        return switch (qos(pod)) {
            case "Guaranteed" -> GUARANTEED_SCORE;
            case "BestEffort" -> BEST_EFFORT_SCORE;
            default -> {
                long bytes = memoryShare(pod, container);
                int score = (int) (1000 - 1000 * bytes / machineBytes);
                yield Math.clamp(score, 1000 + GUARANTEED_SCORE, BEST_EFFORT_SCORE - 1);
            }
        };
    }

    /// What a container requests, and its part of what the pod does beyond its containers.
    private static long memoryShare(Pod pod, Container container) {
        long own = memory(requests(container));
        long whole = memory(whole(pod).getRequests());
        List<Container> sharing = Stream.concat(
                        pod.getSpec().getContainers().stream(),
                        pod.getSpec().getInitContainers().stream().filter(c -> "Always".equals(c.getRestartPolicy())))
                .toList();
        long others = sharing.stream().mapToLong(c -> memory(requests(c))).sum();
        return own + Math.max(0, whole - others) / sharing.size();
    }

    private static long memory(Map<String, Quantity> amounts) {
        Quantity memory = amounts.get("memory");
        return memory == null ? 0 : amount(memory).longValue();
    }

    /// `Guaranteed`, `Burstable` or `BestEffort`. Source: Kubernetes, "Pod Quality of Service Classes".
    public static String qos(Pod pod) {
        boolean isWhole =
                !whole(pod).getRequests().isEmpty() || !whole(pod).getLimits().isEmpty();
        List<ResourceRequirements> all = isWhole
                ? List.of(whole(pod))
                : containers(pod)
                        .map(c -> c.getResources() == null ? new ResourceRequirements() : c.getResources())
                        .toList();
        boolean any = false;
        boolean guaranteed = true;
        for (ResourceRequirements each : all) {
            for (String resource : List.of("cpu", "memory")) {
                Quantity limit = each.getLimits().get(resource);
                Quantity request = each.getRequests().getOrDefault(resource, limit);
                any |= isSome(request) || isSome(limit);
                guaranteed &= limit != null
                        && isSome(limit)
                        && (request == null || amount(request).compareTo(amount(limit)) == 0);
            }
        }
        if (!any) {
            return "BestEffort";
        }
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static boolean isSome(@Nullable Quantity quantity) {
        return quantity != null && amount(quantity).signum() > 0;
    }

    private static BigDecimal amount(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity);
    }
}
