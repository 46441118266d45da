package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.EndpointAddresses;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

@Singleton
final class EndpointsKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "Endpoints", "endpoints")
            .shortNames("ep")
            .storedAt("services/endpoints")
            .creatingOnUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.each(object, "subsets", s -> Fields.each(s, "ports", p -> Fields.defaultText(p, "protocol", "TCP")));
    }

    @Override
    public String deprecationWarning() {
        return "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        var errors = new ArrayList<FieldError>();
        int i = 0;
        for (JsonNode subset : object.path("subsets")) {
            for (String list : List.of("addresses", "notReadyAddresses")) {
                int j = 0;
                for (JsonNode address : subset.path(list)) {
                    String path = "subsets[" + i + "]." + list + "[" + j + "].ip";
                    errors.addAll(
                            EndpointAddresses.findings(path, address.path("ip").asText("")));
                    j++;
                }
            }
            i++;
        }
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Column.of("Endpoints", (o, now) -> endpoints(o)), Printers.AGE);
    }

    /// The first three addresses with their ports. Source: kubernetes `formatEndpoints`.
    static String endpoints(JsonNode object) {
        var all = new ArrayList<String>();
        for (JsonNode subset : object.path("subsets")) {
            for (JsonNode address : subset.path("addresses")) {
                if (subset.path("ports").isEmpty()) {
                    all.add(address.path("ip").asText());
                }
                subset.path("ports")
                        .forEach(p -> all.add(address.path("ip").asText() + ":"
                                + p.path("port").asInt()));
            }
        }
        if (all.isEmpty()) {
            return Printers.NONE;
        }
        String shown = String.join(",", all.subList(0, Math.min(3, all.size())));
        return all.size() > 3 ? shown + " + " + (all.size() - 3) + " more..." : shown;
    }
}
