package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
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
final class IngressKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("networking.k8s.io", "v1", "Ingress", "ingresses")
            .shortNames("ing")
            .storedAt("ingress")
            .withStatus()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks();
        if (spec.path("rules").isEmpty() && !spec.path("defaultBackend").isObject()) {
            checks.add(FieldError.invalid("spec", spec, "either `defaultBackend` or `rules` must be specified"));
        }
        int r = 0;
        for (JsonNode rule : spec.path("rules")) {
            String at = "spec.rules[" + r++ + "].http.paths";
            int p = 0;
            for (JsonNode path : rule.path("http").path("paths")) {
                String where = at + "[" + p++ + "]";
                if (Fields.isUnset(path, "pathType")) {
                    checks.add(FieldError.required(where + ".pathType", "pathType must be specified"));
                }
                checks.oneOf(path, where, "pathType", "Exact", "ImplementationSpecific", "Prefix");
            }
        }
        return checks.errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Class",
                        (o, now) -> Printers.orElse(
                                Checks.at(o, "spec.ingressClassName").asText(""), Printers.NONE)),
                Column.of("Hosts", (o, now) -> hosts(o)),
                Column.of("Address", (o, now) -> address(o)),
                Column.of("Ports", (o, now) -> o.path("spec").path("tls").isEmpty() ? "80" : "80, 443"),
                Printers.AGE);
    }

    static String hosts(JsonNode ingress) {
        var all = new ArrayList<String>();
        ingress.path("spec").path("rules").forEach(r -> {
            if (!r.path("host").asText("").isEmpty()) {
                all.add(r.path("host").asText());
            }
        });
        if (all.isEmpty()) {
            return "*";
        }
        String shown = String.join(",", all.subList(0, Math.min(3, all.size())));
        return all.size() > 3 ? shown + " + " + (all.size() - 3) + " more..." : shown;
    }

    private static String address(JsonNode ingress) {
        var all = new ArrayList<String>();
        Checks.at(ingress, "status.loadBalancer.ingress")
                .forEach(i -> all.add(Printers.orElse(
                        i.path("ip").asText(""), i.path("hostname").asText(""))));
        return String.join(",", all);
    }
}
