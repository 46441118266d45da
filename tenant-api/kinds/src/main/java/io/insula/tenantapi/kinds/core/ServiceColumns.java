package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.List;

/// What `kubectl get services` shows.
final class ServiceColumns {

    static final List<Column> ALL = List.of(
            Printers.NAME,
            Printers.text("Type", "spec.type"),
            Column.of("Cluster-IP", (o, now) -> clusterIp(o)),
            Column.of("External-IP", (o, now) -> externalIp(o)),
            Column.of("Port(s)", (o, now) -> ports(o.path("spec").path("ports"))),
            Printers.AGE,
            Column.of("Selector", (o, now) -> Printers.labels(WorkloadView.of(o).selector()))
                    .wide());

    private ServiceColumns() {}

    private static String clusterIp(JsonNode service) {
        String first = service.path("spec").path("clusterIPs").path(0).asText("");
        return first.isEmpty() ? Printers.NONE : first;
    }

    static String externalIp(JsonNode service) {
        JsonNode spec = service.path("spec");
        var all = new ArrayList<String>();
        String type = spec.path("type").asText();
        if (type.equals("ExternalName")) {
            return spec.path("externalName").asText();
        }
        if (type.equals("LoadBalancer")) {
            service.path("status")
                    .path("loadBalancer")
                    .path("ingress")
                    .forEach(i -> all.add(
                            i.path("ip").asText("").isEmpty()
                                    ? i.path("hostname").asText()
                                    : i.path("ip").asText()));
        }
        spec.path("externalIPs").forEach(ip -> all.add(ip.asText()));
        if (all.isEmpty()) {
            return type.equals("LoadBalancer") ? "<pending>" : Printers.NONE;
        }
        return String.join(",", all);
    }

    /// `80:30080/TCP,443/TCP`
    static String ports(JsonNode ports) {
        var all = new ArrayList<String>();
        for (JsonNode port : ports) {
            String nodePort = port.path("nodePort").asInt() > 0
                    ? ":" + port.path("nodePort").asInt()
                    : "";
            all.add(port.path("port").asInt() + nodePort + "/"
                    + port.path("protocol").asText());
        }
        return all.isEmpty() ? Printers.NONE : String.join(",", all);
    }
}
