package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.ResourceMode.Hard;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever numbers a tenant writes, what runs on the host is bounded, asks for no more than it may use, and reserves
/// exactly its request and its sandbox's overhead.
class ResourcePropertyTest {

    private static final int PODS = 4_000;

    static Stream<ProfileSettings> profiles() {
        return Beans.sandboxes().stream()
                .flatMap(sandbox -> Stream.of(
                        ProfileSettings.of(sandbox.wireName() + "-hard", sandbox),
                        Beans.profiles()
                                .settings(
                                        sandbox.wireName() + "-burstable",
                                        Map.of(
                                                "sandbox",
                                                sandbox.wireName(),
                                                "resources",
                                                Map.of("mode", "burstable", "maxRatio", 3)))));
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void boundsWhateverIsAsked(ProfileSettings settings) {
        long seed = Long.getLong("insula.fuzz.seed", new Random().nextLong());
        System.out.println("ResourcePropertyTest " + settings.name() + " seed " + seed);
        var pods = new RandomPods(new Random(seed));
        int running = 0;
        for (int i = 0; i < PODS; i++) {
            boolean sane = i % 2 == 0;
            var pod = pods.next(sane);
            var workload = Beans.profiles()
                    .translate(pod, TenantProfiles.only(settings))
                    .workload();
            int number = i;
            Supplier<String> told = () ->
                    "seed " + seed + ", pod " + number + ": " + Yaml.write(pod) + " became " + Yaml.write(workload);
            switch (workload) {
                case HostPod(var host) -> checkPod(host.getSpec(), workload, settings, told);
                case HostVirtualMachine _ -> checkMachine(pod, workload, settings, told);
                case Unsupported(var field, var _) -> {
                    assertThat(field).as(told).startsWith("spec.");
                    assertThat(sane)
                            .as(() -> "refused without need: " + told.get())
                            .isFalse();
                }
            }
            running += workload instanceof Unsupported ? 0 : 1;
        }
        assertThat(running).as("pods that ran, seed " + seed).isGreaterThan(PODS / 2);
    }

    private static void checkPod(PodSpec spec, HostWorkload workload, ProfileSettings settings, Supplier<String> told) {
        var whole = orEmpty(spec.getResources());
        for (var name : List.of("cpu", "memory")) {
            var most = whole.getLimits().get(name);
            if (most != null) {
                bounded(whole, name, settings, true, told);
            }
            for (var container : all(spec)) {
                bounded(container.getResources(), name, settings, most == null, told);
                if (most != null) {
                    assertThat(number(container.getResources().getLimits().get(name)))
                            .as(told)
                            .isLessThanOrEqualTo(number(most));
                }
            }
            var together = together(spec, name, "requests");
            var reserved = most == null ? together : number(whole.getRequests().get(name));
            assertThat(together).as(told).isLessThanOrEqualTo(reserved);
            assertThat(Held.of(workload, settings, name))
                    .as(told)
                    .isEqualByComparingTo(
                            reserved.add(number(settings.overhead().amount(name))));
        }
        for (var container : all(spec)) {
            container
                    .getResources()
                    .getLimits()
                    .forEach((name, limit) -> assertThat(number(
                                    container.getResources().getRequests().get(name)))
                            .as(told)
                            .isLessThanOrEqualTo(number(limit)));
            assertThat(container.getResources().getRequests().keySet())
                    .as(told)
                    .isEqualTo(container.getResources().getLimits().keySet());
        }
    }

    /// @param reserving whether the request alone has to hold, and nothing above it does
    private static void bounded(
            ResourceRequirements own, String name, ProfileSettings settings, boolean reserving, Supplier<String> told) {
        assertThat(own.getLimits()).as(told).containsKey(name);
        assertThat(own.getRequests()).as(told).containsKey(name);
        var limit = number(own.getLimits().get(name));
        var request = number(own.getRequests().get(name));
        assertThat(limit).as(told).isPositive();
        assertThat(request).as(told).isLessThanOrEqualTo(limit);
        if (reserving) {
            assertThat(request).as(told).isPositive();
            if (settings.resources() instanceof Hard) {
                assertThat(request).as(told).isEqualByComparingTo(limit);
            }
        }
    }

    private static void checkMachine(
            Pod tenant, HostWorkload workload, ProfileSettings settings, Supplier<String> told) {
        var machine = ((HostVirtualMachine) workload).machine();
        Map<String, String> requests = machine.get("spec", "domain", "resources", "requests");
        Map<String, String> limits = machine.get("spec", "domain", "resources", "limits");
        assertThat(requests).as(told).isEqualTo(limits);
        int cores = machine.get("spec", "domain", "cpu", "cores");
        var guest = number(new Quantity(machine.<String>get("spec", "domain", "memory", "guest")));
        // a pod profile enforces the same numbers; their sum is reckoned here again
        var enforced = ResourceRules.apply(tenant.getSpec(), settings).into(tenant.getSpec());
        var cpu = most(enforced, "cpu");
        var memory = most(enforced, "memory");
        assertThat(cpu).as(told).isPositive();
        assertThat(memory).as(told).isPositive();
        assertThat(BigDecimal.valueOf(cores)).as(told).isGreaterThanOrEqualTo(cpu);
        assertThat(guest).as(told).isEqualByComparingTo(memory.add(number(settings.guestMemory())));
        assertThat(number(new Quantity(requests.get("cpu"))))
                .as(told)
                .isEqualByComparingTo(cpu.add(number(settings.overhead().cpu())));
        assertThat(number(new Quantity(requests.get("memory"))))
                .as(told)
                .isEqualByComparingTo(memory.add(number(settings.overhead().memory())));
        assertThat(Held.of(workload, settings, "memory"))
                .as(told)
                .isEqualByComparingTo(number(new Quantity(requests.get("memory"))));
    }

    private static BigDecimal most(PodSpec spec, String name) {
        var whole = orEmpty(spec.getResources()).getLimits().get(name);
        return whole != null ? number(whole) : together(spec, name, "limits");
    }

    /// Step by step through a pod's start: what runs at each moment.
    private static BigDecimal together(PodSpec spec, String name, String field) {
        var moments = new ArrayList<List<Container>>();
        for (int i = 0; i < spec.getInitContainers().size(); i++) {
            var moment = new ArrayList<>(sidecars(spec.getInitContainers().subList(0, i)));
            moment.add(spec.getInitContainers().get(i));
            moments.add(moment);
        }
        var last = new ArrayList<>(sidecars(spec.getInitContainers()));
        last.addAll(spec.getContainers());
        moments.add(last);
        return moments.stream()
                .map(moment -> moment.stream()
                        .map(container -> number((field.equals("limits")
                                        ? container.getResources().getLimits()
                                        : container.getResources().getRequests())
                                .get(name)))
                        .reduce(BigDecimal.ZERO, BigDecimal::add))
                .reduce(BigDecimal.ZERO, BigDecimal::max);
    }

    private static List<Container> sidecars(List<Container> initContainers) {
        return initContainers.stream()
                .filter(container -> "Always".equals(container.getRestartPolicy()))
                .toList();
    }

    private static List<Container> all(PodSpec spec) {
        return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
                .toList();
    }

    private static ResourceRequirements orEmpty(@Nullable ResourceRequirements resources) {
        return resources == null ? new ResourceRequirements() : resources;
    }

    private static BigDecimal number(@Nullable Quantity quantity) {
        return quantity == null ? BigDecimal.ZERO : quantity.getNumericalAmount();
    }
}
