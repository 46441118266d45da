package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.view.WorkloadView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a Service must look like. Source: kubernetes `ValidateService`, `ValidateServiceUpdate`.
final class ServiceRules {

    private ServiceRules() {}

    static List<FieldError> validate(JsonNode service) {
        var checks = new Checks();
        JsonNode spec = service.path("spec");
        String type = spec.path("type").asText("");
        checks.oneOf(spec, "spec", "type", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        checks.oneOf(spec, "spec", "sessionAffinity", "ClientIP", "None");
        checks.oneOf(spec, "spec", "externalTrafficPolicy", "Cluster", "Local");
        checks.oneOf(spec, "spec", "internalTrafficPolicy", "Cluster", "Local");
        checks.oneOf(spec, "spec", "ipFamilyPolicy", "SingleStack", "PreferDualStack", "RequireDualStack");
        checks.labels(WorkloadView.of(service).selector(), "spec.selector");
        boolean headless = spec.path("clusterIP").asText("").equals("None");
        if (type.equals("ExternalName")) {
            externalName(checks, spec);
        } else if (spec.path("ports").isEmpty() && !headless) {
            checks.add(FieldError.required("spec.ports", ""));
        }
        if (type.equals("LoadBalancer") && headless) {
            checks.add(FieldError.invalid(
                    "spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services"));
        }
        if (type.equals("NodePort") && headless) {
            checks.add(
                    FieldError.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"));
        }
        clusterIps(checks, spec);
        ports(checks, spec);
        JsonNode timeout = spec.path("sessionAffinityConfig").path("clientIP").path("timeoutSeconds");
        if (timeout.isNumber() && (timeout.asLong() <= 0 || timeout.asLong() > 86400)) {
            checks.add(FieldError.invalid(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                    timeout.asLong(),
                    "must be greater than 0 and less than 86400"));
        }
        return checks.errors();
    }

    private static void externalName(Checks checks, JsonNode spec) {
        String name = spec.path("externalName").asText("");
        if (name.isEmpty()) {
            checks.add(FieldError.required("spec.externalName", ""));
        } else {
            checks.name(
                    name.endsWith(".") ? name.substring(0, name.length() - 1) : name,
                    "spec.externalName",
                    Names::dns1123Subdomain);
        }
        if (!spec.path("clusterIP").asText("").isEmpty()) {
            checks.add(FieldError.forbidden("spec.clusterIP", "may not be set when `type` is 'ExternalName'"));
        }
    }

    private static void clusterIps(Checks checks, JsonNode spec) {
        String single = spec.path("clusterIP").asText("");
        String first = spec.path("clusterIPs").path(0).asText("");
        if (!single.equals(first)) {
            checks.add(FieldError.invalid(
                    "spec.clusterIPs[0]", spec.path("clusterIPs"), "first value must match `clusterIP`"));
        }
        if (!single.isEmpty()
                && !single.equals("None")
                && IpAddress.parse(single).isEmpty()) {
            checks.add(FieldError.invalid(
                    "spec.clusterIPs[0]", single, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        }
        int i = 0;
        for (JsonNode ip : spec.path("externalIPs")) {
            if (IpAddress.parse(ip.asText()).isEmpty()) {
                checks.add(FieldError.invalid(
                        "spec.externalIPs[" + i + "]",
                        ip.asText(),
                        "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            }
            i++;
        }
    }

    private static void ports(Checks checks, JsonNode spec) {
        Set<String> names = new HashSet<>();
        Set<String> numbers = new HashSet<>();
        boolean many = spec.path("ports").size() > 1;
        int i = 0;
        for (JsonNode port : spec.path("ports")) {
            String at = "spec.ports[" + i++ + "]";
            String name = port.path("name").asText("");
            if (name.isEmpty() && many) {
                checks.add(FieldError.required(at + ".name", ""));
            } else if (!name.isEmpty()) {
                checks.name(name, at + ".name", Names::dns1123Label);
                if (!names.add(name)) {
                    checks.add(FieldError.duplicate(at + ".name", name));
                }
            }
            checks.port(port.path("port"), at + ".port");
            checks.oneOf(port, at, "protocol", "TCP", "UDP", "SCTP");
            targetPort(checks, port.path("targetPort"), at + ".targetPort");
            if (spec.path("type").asText().equals("ClusterIP")
                    && port.path("nodePort").asInt() != 0) {
                checks.add(FieldError.forbidden(at + ".nodePort", "may not be used when `type` is 'ClusterIP'"));
            }
            if (!numbers.add(port.path("protocol").asText() + port.path("port").asInt())) {
                checks.add(FieldError.duplicate(
                        at,
                        "{\"port\":" + port.path("port").asInt() + ",\"protocol\":\""
                                + port.path("protocol").asText() + "\"}"));
            }
        }
    }

    private static void targetPort(Checks checks, JsonNode target, String path) {
        if (target.isNumber()) {
            checks.port(target, path);
        } else if (target.isTextual()) {
            String finding = PortNames.check(target.asText());
            if (!finding.isEmpty()) {
                checks.add(FieldError.invalid(path, target.asText(), finding));
            }
        }
    }

    /// The first address stays, unless the Service had none yet or changes to or from ExternalName.
    static List<FieldError> validateUpdate(JsonNode wanted, JsonNode current) {
        var checks = new Checks();
        JsonNode spec = wanted.path("spec");
        JsonNode old = current.path("spec");
        boolean external = ServiceAddresses.isExternalName(spec) || ServiceAddresses.isExternalName(old);
        String before = old.path("clusterIP").asText("");
        if (!external
                && !before.isEmpty()
                && !before.equals(spec.path("clusterIP").asText(""))) {
            checks.add(FieldError.invalid("spec.clusterIPs[0]", spec.path("clusterIPs"), "may not change once set"));
        }
        boolean bothBalancers = spec.path("type").asText().equals("LoadBalancer")
                && old.path("type").asText().equals("LoadBalancer");
        if (bothBalancers) {
            checks.unchanged(
                    spec.path("loadBalancerClass"),
                    old.path("loadBalancerClass"),
                    "spec.loadBalancerClass",
                    "may not change once set");
        }
        return checks.errors();
    }
}
