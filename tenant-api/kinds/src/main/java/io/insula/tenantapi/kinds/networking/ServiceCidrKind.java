package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/// Source of the rules: kubernetes `pkg/apis/networking/validation`, `ValidateServiceCIDR`.
@Singleton
final class ServiceCidrKind implements StoredKind {

    private static final String FIELD = "spec.cidrs";
    private static final String IMMUTABLE = "field is immutable";

    private static final KindSpec SPEC = KindSpec.cluster("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs")
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode cidrs = object.path("spec").path("cidrs");
        if (cidrs.isEmpty()) {
            return List.of(FieldError.required(FIELD, "at least one CIDR required"));
        }
        if (cidrs.size() > 2) {
            return List.of(FieldError.invalid(FIELD, cidrs, "may only hold up to 2 values"));
        }
        var errors = new ArrayList<FieldError>();
        var networks = new ArrayList<AddressBlock>();
        for (int i = 0; i < cidrs.size(); i++) {
            String cidr = cidrs.get(i).asText();
            int at = i;
            AddressBlock.parse(cidr)
                    .ifPresentOrElse(
                            networks::add,
                            () -> errors.add(FieldError.invalid(
                                    FIELD + "[" + at + "]",
                                    cidr,
                                    "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")));
        }
        if (networks.size() == 2
                && networks.getFirst().isIpv4() == networks.getLast().isIpv4()) {
            errors.add(FieldError.invalid(
                    FIELD,
                    cidrs,
                    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"));
        }
        return errors;
    }

    /// A second family may be added; nothing else changes.
    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        JsonNode after = wanted.path("spec").path("cidrs");
        JsonNode before = current.path("spec").path("cidrs");
        boolean isSecondAdded = before.size() == 1 && after.size() == 2;
        if (before.size() != after.size() && !isSecondAdded) {
            return List.of(FieldError.invalid(FIELD, after, IMMUTABLE));
        }
        var errors = new ArrayList<FieldError>();
        for (int i = 0; i < before.size(); i++) {
            if (!before.get(i).equals(after.get(i))) {
                errors.add(
                        FieldError.invalid(FIELD + "[" + i + "]", after.get(i).asText(), IMMUTABLE));
            }
        }
        if (isSecondAdded) {
            errors.addAll(validateCreate(wanted, context));
        }
        return errors;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "CIDRs",
                        (o, now) -> String.join(",", Fields.texts(o.path("spec").path("cidrs")))),
                Printers.AGE);
    }
}
