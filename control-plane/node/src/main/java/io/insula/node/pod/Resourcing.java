package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.node.runtime.Resources;
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
                Quantity memory = requests(container).get("memory");
                long bytes = memory == null ? 0 : amount(memory).longValue();
                int score = (int) (1000 - 1000 * bytes / machineBytes);
                yield Math.clamp(score, 1000 + GUARANTEED_SCORE, BEST_EFFORT_SCORE - 1);
            }
        };
    }

    /// `Guaranteed`, `Burstable` or `BestEffort`. Source: Kubernetes, "Pod Quality of Service Classes".
    public static String qos(Pod pod) {
        List<Container> all = Stream.concat(
                        pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
                .toList();
        boolean any = false;
        boolean guaranteed = true;
        for (Container container : all) {
            for (String resource : List.of("cpu", "memory")) {
                Quantity request = requests(container).get(resource);
                Quantity limit = limits(container).get(resource);
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
