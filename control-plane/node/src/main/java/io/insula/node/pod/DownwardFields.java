package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a pod can be told of itself. Source: Kubernetes, "Downward API", available fields. Stateless.
public final class DownwardFields {

    private static final Pattern KEYED = Pattern.compile("metadata\\.(labels|annotations)\\['(.*)'\\]");

    private DownwardFields() {}

    /// @param allocatable of the node, which stands for a limit that the container does not have
    public record Surroundings(PodAddresses addresses, Map<String, Quantity> allocatable) {
        public Surroundings {
            allocatable = Map.copyOf(allocatable);
        }
    }

    /// @throws PodFault for a field that there is not
    public static String field(Pod pod, String path, Surroundings around) {
        Matcher keyed = KEYED.matcher(path);
        if (keyed.matches()) {
            Map<String, String> from = keyed.group(1).equals("labels")
                    ? pod.getMetadata().getLabels()
                    : pod.getMetadata().getAnnotations();
            return from == null ? "" : from.getOrDefault(keyed.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> pod.getMetadata().getName();
            case "metadata.namespace" -> pod.getMetadata().getNamespace();
            case "metadata.uid" -> pod.getMetadata().getUid();
            case "metadata.labels" -> lines(pod.getMetadata().getLabels());
            case "metadata.annotations" -> lines(pod.getMetadata().getAnnotations());
            case "spec.nodeName" -> pod.getSpec().getNodeName();
            case "spec.serviceAccountName" -> text(pod.getSpec().getServiceAccountName());
            case "status.hostIP", "status.hostIPs" -> around.addresses().host();
            case "status.podIP" ->
                around.addresses().pod().isEmpty()
                        ? ""
                        : around.addresses().pod().getFirst();
            case "status.podIPs" -> String.join(",", around.addresses().pod());
            default -> throw PodFault.config("unsupported fieldPath: " + path);
        };
    }

    /// @throws PodFault for a resource that there is not
    public static String resource(Container container, ResourceFieldSelector selector, Surroundings around) {
        String path = selector.getResource();
        int dot = path.indexOf('.');
        String resource = path.substring(dot + 1);
        Map<String, Quantity> from;
        if (path.startsWith("limits.")) {
            from = Resourcing.limits(container);
        } else if (path.startsWith("requests.")) {
            from = Resourcing.requests(container);
        } else {
            throw PodFault.config("unsupported container resource : " + path);
        }
        Quantity amount = from.get(resource);
        if (amount == null) {
            amount = path.startsWith("limits.")
                    ? around.allocatable().getOrDefault(resource, new Quantity("0"))
                    : new Quantity("0");
        }
        BigDecimal divisor =
                selector.getDivisor() == null ? BigDecimal.ONE : Quantity.getAmountInBytes(selector.getDivisor());
        if (divisor.signum() == 0) {
            divisor = BigDecimal.ONE;
        }
        return Quantity.getAmountInBytes(amount)
                .divide(divisor, 0, RoundingMode.CEILING)
                .toPlainString();
    }

    /// `key="value"` with Go's quoting, in the order of keys.
    private static String lines(@Nullable Map<String, String> values) {
        if (values == null) {
            return "";
        }
        return new TreeMap<>(values)
                .entrySet().stream()
                        .map(e -> e.getKey() + "=" + quoted(e.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    private static String quoted(String value) {
        return "\""
                + value.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                        .replace("\r", "\\r")
                + "\"";
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
