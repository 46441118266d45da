package io.insula.node.eviction;

import io.insula.rules.resources.Quantity;
import java.math.BigDecimal;

/// Why a pod gives way, as the kubelet says it. Stateless. Source: `pkg/kubelet/eviction/helpers.go`.
public final class Words {

    private static final long KIBI = 1024;

    private Words() {}

    public static String low(Signal signal, Thresholds thresholds, Observed observed, PodUse pod) {
        Observed.Left left = observed.left().get(signal);
        long available = left == null ? 0 : left.available();
        var said = new StringBuilder("The node was low on resource: " + signal.resource() + ". Threshold quantity: "
                + bytes(thresholds.quantity(signal, observed)) + ", available: " + shown(signal, available) + ". ");
        for (PodUse.Part part : pod.parts()) {
            boolean isMemory = signal == Signal.MEMORY;
            long used = isMemory ? part.memoryBytes() : part.diskBytes();
            long asked = isMemory ? part.memoryRequest() : part.diskRequest();
            if (pod.isKnown() && used > asked && (isMemory || signal.resource().equals("ephemeral-storage"))) {
                said.append("Container " + part.name() + " was using " + shown(signal, used) + ", request is "
                        + bytes(asked) + ", has larger consumption of " + signal.resource() + ". ");
            }
        }
        return said.toString();
    }

    public static String volume(String name, long limit) {
        return "Usage of EmptyDir volume \"" + name + "\" exceeds the limit \"" + bytes(limit) + "\". ";
    }

    public static String pod(long limit) {
        return "Pod ephemeral local storage usage exceeds the total limit of containers " + bytes(limit) + ". ";
    }

    public static String container(String name, long limit) {
        return "Container " + name + " exceeded its local ephemeral storage limit \"" + bytes(limit) + "\". ";
    }

    /// What is measured is shown in Ki, as Kubernetes shows it.
    private static String shown(Signal signal, long amount) {
        return signal.resource().equals("inodes") || signal.resource().equals("pids")
                ? Long.toString(amount)
                : amount / KIBI + "Ki";
    }

    static String bytes(long amount) {
        return new Quantity(BigDecimal.valueOf(amount), Quantity.Format.BINARY_SI).toString();
    }
}
