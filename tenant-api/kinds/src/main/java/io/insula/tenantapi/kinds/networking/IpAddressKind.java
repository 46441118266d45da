package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
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

    private static final Pattern ADDRESS = Pattern.compile("[0-9]+([.][0-9]+){3}|[0-9a-f:]+:[0-9a-f:.]*");

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

    @Override
    public String checkName(String name) {
        return ADDRESS.matcher(name).matches() ? "" : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
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
