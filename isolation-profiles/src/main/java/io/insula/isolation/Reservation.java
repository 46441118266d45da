package io.insula.isolation;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.Map;

/// What a node reserves for a host workload: what the scheduler counts, to the byte, and so what a quota and a meter
/// must count too.
public final class Reservation {

    private Reservation() {}

    /// The request of the containers and the overhead of their sandbox; nothing for what does not run.
    ///
    /// @param workload as a profile of these `settings` answered it
    public static Resources of(HostWorkload workload, ProfileSettings settings) {
        return switch (workload) {
            case HostPod(var pod) -> ofPod(pod, settings);
            case HostVirtualMachine(var machine, var _) -> ofMachine(machine);
            case Unsupported _ -> Resources.NONE;
        };
    }

    private static Resources ofPod(Pod pod, ProfileSettings settings) {
        var spec = PodFields.spec(pod);
        var cpu = ResourceTotals.request(spec, "cpu")
                .add(settings.overhead().cpu().getNumericalAmount());
        var memory = ResourceTotals.request(spec, "memory")
                .add(settings.overhead().memory().getNumericalAmount());
        return new Resources(Amounts.of("cpu", cpu), Amounts.of("memory", memory));
    }

    /// Its launcher's request is the machine's own.
    private static Resources ofMachine(GenericKubernetesResource machine) {
        Map<String, Object> requests = machine.get("spec", "domain", "resources", "requests");
        return new Resources(
                new Quantity(String.valueOf(requests.get("cpu"))),
                new Quantity(String.valueOf(requests.get("memory"))));
    }
}
