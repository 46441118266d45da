package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.core.PortNames;
import java.util.List;
import java.util.Optional;

/// What a NetworkPolicy may say. Source: kubernetes `pkg/apis/networking/validation`, `ValidateNetworkPolicySpec`.
final class NetworkPolicyRules {

    private static final String NOT_A_BLOCK = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    private final Checks checks = new Checks();

    private NetworkPolicyRules() {}

    static List<FieldError> validate(JsonNode spec) {
        var rules = new NetworkPolicyRules();
        rules.checks.labelSelector(spec.path("podSelector"), "spec.podSelector");
        rules.direction(spec, "ingress", "from");
        rules.direction(spec, "egress", "to");
        rules.types(spec.path("policyTypes"));
        return rules.checks.errors();
    }

    private void direction(JsonNode spec, String direction, String peers) {
        int r = 0;
        for (JsonNode rule : spec.path(direction)) {
            String at = "spec." + direction + "[" + r++ + "]";
            int i = 0;
            for (JsonNode port : rule.path("ports")) {
                port(port, at + ".ports[" + i++ + "]");
            }
            i = 0;
            for (JsonNode peer : rule.path(peers)) {
                peer(peer, at + "." + peers + "[" + i++ + "]");
            }
        }
    }

    private void port(JsonNode port, String at) {
        checks.oneOf(port, at, "protocol", "SCTP", "TCP", "UDP");
        JsonNode first = port.path("port");
        JsonNode last = port.path("endPort");
        if (first.isNumber()) {
            checks.port(first, at + ".port");
            if (last.isNumber()) {
                if (last.asLong() < first.asLong()) {
                    checks.add(FieldError.invalid(
                            at + ".endPort", first.asLong(), "must be greater than or equal to `port`"));
                }
                checks.port(last, at + ".endPort");
            }
        } else if (last.isNumber()) {
            checks.add(FieldError.invalid(
                    at + ".endPort",
                    last.asLong(),
                    "may not be specified when `port` is " + (first.isTextual() ? "non-numeric" : "not specified")));
        }
        String finding = first.isTextual() ? PortNames.check(first.asText()) : "";
        if (!finding.isEmpty()) {
            checks.add(FieldError.invalid(at + ".port", first.asText(), finding));
        }
    }

    private void peer(JsonNode peer, String at) {
        boolean hasPods = peer.path("podSelector").isObject();
        boolean hasNamespaces = peer.path("namespaceSelector").isObject();
        boolean hasBlock = peer.path("ipBlock").isObject();
        checks.labelSelector(peer.path("podSelector"), at + ".podSelector");
        checks.labelSelector(peer.path("namespaceSelector"), at + ".namespaceSelector");
        if (hasBlock) {
            block(peer.path("ipBlock"), at + ".ipBlock");
        }
        if (!hasPods && !hasNamespaces && !hasBlock) {
            checks.add(FieldError.required(at, "must specify a peer"));
        } else if (hasBlock && (hasPods || hasNamespaces)) {
            checks.add(FieldError.forbidden(at, "may not specify both ipBlock and another peer"));
        }
    }

    private void block(JsonNode block, String at) {
        String cidr = block.path("cidr").asText("");
        if (cidr.isEmpty()) {
            checks.add(FieldError.required(at + ".cidr", ""));
            return;
        }
        Optional<AddressBlock> whole = read(cidr, at + ".cidr");
        int i = 0;
        for (JsonNode except : block.path("except")) {
            String path = at + ".except[" + i++ + "]";
            Optional<AddressBlock> part = read(except.asText(), path);
            if (whole.isPresent() && part.isPresent() && !isStrictly(part.get(), whole.get())) {
                checks.add(FieldError.invalid(path, except.asText(), "must be a strict subset of `cidr`"));
            }
        }
    }

    private static boolean isStrictly(AddressBlock part, AddressBlock whole) {
        return whole.covers(part) && whole.prefix() < part.prefix();
    }

    private Optional<AddressBlock> read(String cidr, String path) {
        Optional<AddressBlock> block = AddressBlock.parse(cidr);
        if (block.isEmpty()) {
            checks.add(FieldError.invalid(path, cidr, NOT_A_BLOCK));
        }
        return block;
    }

    private void types(JsonNode types) {
        if (types.size() > 2) {
            checks.add(FieldError.invalid("spec.policyTypes", types, "may not specify more than two policyTypes"));
            return;
        }
        for (int i = 0; i < types.size(); i++) {
            String type = types.get(i).asText();
            if (!type.equals("Ingress") && !type.equals("Egress")) {
                checks.add(FieldError.notSupported("spec.policyTypes[" + i + "]", type, List.of("Ingress", "Egress")));
            }
        }
    }
}
