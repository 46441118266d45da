package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

@Singleton
final class IpAddressKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster("networking.k8s.io", "v1", "IPAddress", "ipaddresses")
            .shortNames("ip");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return object.path("spec").path("parentRef").isObject()
                ? List.of()
                : List.of(FieldError.required("spec.parentRef", ""));
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec.parentRef").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Column.of("ParentRef", (o, now) -> parent(Checks.at(o, "spec.parentRef"))));
    }

    /// In one spelling, as two objects for one address would give it to two Services.
    @Override
    public String checkName(String name) {
        var address = IpAddress.parse(name);
        if (address.isEmpty() || address.get().isMapped()) {
            return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        }
        String canonical = address.get().toString();
        return canonical.equals(name) ? "" : "must be in canonical form (\"" + canonical + "\")";
    }

    /// `services/default/kubernetes`
    private static String parent(JsonNode reference) {
        var all = new ArrayList<String>();
        for (String field : List.of("group", "resource", "namespace", "name")) {
            if (!reference.path(field).asText("").isEmpty()) {
                all.add(reference.path(field).asText());
            }
        }
        return String.join("/", all);
    }
}
