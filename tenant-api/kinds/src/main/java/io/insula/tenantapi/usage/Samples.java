package io.insula.tenantapi.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.usage.MetricsSource.Usage;
import io.insula.tenantapi.usage.MetricsSource.Window;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// How samples are written. Source: kubernetes/metrics, `pkg/apis/metrics/v1beta1/types.go`; metrics-server,
/// `pkg/api/table.go`.
final class Samples {

    static final String GROUP = "metrics.k8s.io";
    static final String VERSION = "v1beta1";

    private static final int KIB = 1024;
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

    private Samples() {}

    static ObjectNode sample(String kind, String name, Map<String, String> labels, Window window) {
        ObjectNode object = Json.object().put("kind", kind).put("apiVersion", GROUP + "/" + VERSION);
        String at = Meta.timestamp(window.end());
        ObjectNode metadata = object.putObject("metadata").put("name", name).put("creationTimestamp", at);
        if (!labels.isEmpty()) {
            ObjectNode shown = metadata.putObject("labels");
            new TreeMap<>(labels).forEach(shown::put);
        }
        return object.put("timestamp", at)
                .put(
                        "window",
                        String.format(Locale.ROOT, "%.3fs", window.length().toMillis() / 1000.0));
    }

    static ObjectNode usage(Usage usage) {
        return Json.object().put("cpu", usage.nanoCores() + "n").put("memory", usage.bytes() / KIB + "Ki");
    }

    /// @param usages of an object, to be added up
    static List<Column> columns(Function<JsonNode, List<JsonNode>> usages) {
        return List.of(
                Printers.NAME,
                Column.of("cpu", (object, now) -> total(usages.apply(object), "cpu")),
                Column.of("memory", (object, now) -> total(usages.apply(object), "memory")),
                Column.of("Window", (object, now) -> object.path("window").asText()));
    }

    private static String total(List<JsonNode> usages, String resource) {
        BigDecimal sum = usages.stream()
                .map(usage -> Quantity.orZero(usage.path(resource).asText("")).value())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        return resource.equals("cpu")
                ? sum.multiply(NANOS).toBigInteger() + "n"
                : sum.toBigInteger().divide(BigInteger.valueOf(KIB)) + "Ki";
    }
}
