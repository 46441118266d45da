package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Pods with random resources: sane ones, as an API server would let them pass, and any.
final class RandomPods {

    private static final Map<String, List<String>> SANE = Map.of(
            "cpu", List.of("1m", "10m", "100m", "250m", "0.5", "1", "1500m", "2", "0.0001"),
            "memory", List.of("1", "64Ki", "10Mi", "64Mi", "128M", "1Gi", "2.5Gi", "1e6"),
            "ephemeral-storage", List.of("1Mi", "1Gi"));
    private static final List<String> ANY = List.of(
            "0",
            "0m",
            "-1",
            "-1Mi",
            "1n",
            "1u",
            "100u",
            "1m",
            "0.5",
            "1",
            "10",
            "64Mi",
            "1Gi",
            "1Ti",
            "1e3",
            "1E",
            "7Ei",
            "1e18",
            "1e30",
            "9223372036854775808",
            "0.1");
    private static final List<String> NAMES =
            List.of("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu", "hugepages-2Mi", "made-up");

    private final Random random;

    RandomPods(Random random) {
        this.random = random;
    }

    /// @param sane whether an API server would take its numbers, and every profile can bound them
    Pod next(boolean sane) {
        var initContainers = new ArrayList<Container>();
        var containers = new ArrayList<Container>();
        int init = random.nextInt(3);
        for (int i = 0; i < init; i++) {
            initContainers.add(new ContainerBuilder(container("init" + i, sane))
                    .withRestartPolicy(random.nextBoolean() ? "Always" : null)
                    .build());
        }
        int main = 1 + random.nextInt(3);
        for (int i = 0; i < main; i++) {
            containers.add(container("c" + i, sane));
        }
        return new PodBuilder()
                .withNewMetadata()
                .withName("a")
                .withNamespace("b")
                .endMetadata()
                .withNewSpec()
                .withInitContainers(initContainers)
                .withContainers(containers)
                .withResources(whole(sane))
                .endSpec()
                .build();
    }

    private Container container(String name, boolean sane) {
        var resources = random.nextInt(4) == 0 ? null : sane ? sane() : any();
        return new ContainerBuilder()
                .withName(name)
                .withImage("i")
                .withResources(resources)
                .build();
    }

    /// Large enough for whatever sane containers ask.
    private @Nullable ResourceRequirements whole(boolean sane) {
        if (random.nextInt(3) > 0) {
            return null;
        }
        if (!sane) {
            return any();
        }
        var resources = new ResourceRequirements();
        if (random.nextBoolean()) {
            var amount = new Quantity(random.nextInt(20, 40) + "");
            put(resources, "cpu", amount, amount);
        }
        if (random.nextBoolean()) {
            var amount = new Quantity(random.nextInt(20, 40) + "Gi");
            put(resources, "memory", amount, random.nextBoolean() ? amount : null);
        }
        return resources;
    }

    private ResourceRequirements sane() {
        var resources = new ResourceRequirements();
        SANE.forEach((name, amounts) -> {
            var amount = new Quantity(amounts.get(random.nextInt(amounts.size())));
            switch (random.nextInt(4)) {
                case 0 -> put(resources, name, amount, null);
                case 1 -> put(resources, name, null, amount);
                case 2 -> put(resources, name, amount, amount);
                default -> {
                    if (random.nextBoolean()) {
                        put(resources, name, new Quantity("0"), new Quantity("0"));
                    }
                }
            }
        });
        return resources;
    }

    private ResourceRequirements any() {
        var requests = new LinkedHashMap<String, Quantity>();
        var limits = new LinkedHashMap<String, Quantity>();
        int entries = random.nextInt(3);
        for (int i = 0; i < entries; i++) {
            var amounts = random.nextBoolean() ? requests : limits;
            // mostly what exists, or hardly any pod would pass
            var name = NAMES.get(random.nextInt(4) > 0 ? random.nextInt(2) : random.nextInt(NAMES.size()));
            amounts.put(name, new Quantity(ANY.get(random.nextInt(ANY.size()))));
        }
        var resources = new ResourceRequirements();
        resources.setRequests(requests);
        resources.setLimits(limits);
        return resources;
    }

    private static void put(
            ResourceRequirements resources, String name, @Nullable Quantity request, @Nullable Quantity limit) {
        if (request != null) {
            resources.getRequests().put(name, request);
        }
        if (limit != null) {
            resources.getLimits().put(name, limit);
        }
    }
}
