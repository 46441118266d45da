package io.insula.isolation;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// By which pod a host counts a workload, to the byte: what its scheduler sees, a quota must count too.
public final class Reservation {

    private Reservation() {}

    /// With the overhead that the host's RuntimeClass adds; empty for what does not run.
    ///
    /// @param workload as a profile of these `settings` answered it
    public static Optional<PodSpec> of(HostWorkload workload, ProfileSettings settings) {
        return switch (workload) {
            case HostPod(var pod) -> Optional.of(withOverhead(PodFields.spec(pod), settings));
            case HostVirtualMachine(var machine, var _) -> Optional.of(ofMachine(machine));
            case Unsupported _ -> Optional.empty();
        };
    }

    private static PodSpec withOverhead(PodSpec spec, ProfileSettings settings) {
        return settings.runtimeClassName().isEmpty()
                ? spec
                : new PodSpecBuilder(spec)
                        .withOverhead(Map.of(
                                "cpu", settings.overhead().cpu(),
                                "memory", settings.overhead().memory()))
                        .build();
    }

    /// Its launcher asks for what the machine's domain does.
    private static PodSpec ofMachine(GenericKubernetesResource machine) {
        return new PodSpecBuilder()
                .withContainers(new ContainerBuilder()
                        .withName("compute")
                        .withResources(resources(machine))
                        .build())
                .build();
    }

    private static ResourceRequirements resources(GenericKubernetesResource machine) {
        return new ResourceRequirementsBuilder()
                .withRequests(quantities(machine.get("spec", "domain", "resources", "requests")))
                .withLimits(quantities(machine.get("spec", "domain", "resources", "limits")))
                .build();
    }

    private static Map<String, Quantity> quantities(Map<String, Object> amounts) {
        var quantities = new LinkedHashMap<String, Quantity>();
        amounts.forEach((name, amount) -> quantities.put(name, new Quantity(String.valueOf(amount))));
        return quantities;
    }
}
