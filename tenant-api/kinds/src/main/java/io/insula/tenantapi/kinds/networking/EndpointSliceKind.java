package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
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
final class EndpointSliceKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.each(object, "ports", p -> {
            Fields.defaultTo(p, "name", "");
            Fields.defaultText(p, "protocol", "TCP");
        });
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        var checks = new Checks();
        String type = object.path("addressType").asText("");
        if (type.isEmpty()) {
            checks.add(FieldError.required("addressType", ""));
        }
        if (object.path("endpoints").size() > 1000) {
            checks.add(
                    FieldError.invalid("endpoints", object.path("endpoints").size(), "must have at most 1000 items"));
        }
        int i = 0;
        for (JsonNode endpoint : object.path("endpoints")) {
            if (endpoint.path("addresses").isEmpty()) {
                checks.add(FieldError.required("endpoints[" + i + "].addresses", "must contain at least 1 address"));
            }
            if (!type.equals("FQDN")) {
                checks.addAll(addresses("endpoints[" + i + "].addresses", endpoint, type));
            }
            i++;
        }
        return checks.errors();
    }

    private static List<FieldError> addresses(String path, JsonNode endpoint, String type) {
        var errors = new ArrayList<FieldError>();
        int i = 0;
        for (String address : Fields.texts(endpoint.path("addresses"))) {
            if (!type.isEmpty() && address.contains(":") != type.equals("IPv6")) {
                errors.add(FieldError.invalid(path, address, "must be an " + type + " address"));
            }
            errors.addAll(EndpointAddresses.findings(path + "[" + i + "]", address));
            i++;
        }
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().addAll(validateCreate(wanted, context));
        return checks.immutable(wanted, current, "addressType").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("AddressType", "addressType"),
                Column.of("Ports", (o, now) -> ports(o)),
                Column.of("Endpoints", (o, now) -> endpoints(o)),
                Printers.AGE);
    }

    static String ports(JsonNode slice) {
        var all = new ArrayList<String>();
        slice.path("ports")
                .forEach(p -> all.add(p.hasNonNull("port") ? p.path("port").asText() : "*"));
        return all.isEmpty() ? Printers.UNSET : shorten(all);
    }

    static String endpoints(JsonNode slice) {
        var all = new ArrayList<String>();
        slice.path("endpoints").forEach(e -> all.addAll(Fields.texts(e.path("addresses"))));
        return all.isEmpty() ? Printers.UNSET : shorten(all);
    }

    private static String shorten(List<String> all) {
        String shown = String.join(",", all.subList(0, Math.min(3, all.size())));
        return all.size() > 3 ? shown + " + " + (all.size() - 3) + " more..." : shown;
    }
}
