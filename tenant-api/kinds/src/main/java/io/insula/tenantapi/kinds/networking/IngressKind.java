package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
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
        return new Checks()
                .addAll(IngressRules.validate(object))
                .addAll(IngressRules.validateClass(object))
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return Checks.since(IngressRules.validate(wanted), IngressRules.validate(current));
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
