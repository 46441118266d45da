package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.core.PortNames;
import io.insula.tenantapi.registry.Names;
import java.util.List;
import java.util.regex.Pattern;

/// What an Ingress may say. Source: kubernetes `pkg/apis/networking/validation`, `ValidateIngressSpec`.
final class IngressRules {

    private static final Pattern WILDCARD =
            Pattern.compile("\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final List<String> NOT_IN_PATHS = List.of("//", "/./", "/../", "%2f", "%2F");
    private static final List<String> NOT_AT_ENDS = List.of("/..", "/.");

    private final Checks checks = new Checks();

    private IngressRules() {}

    static List<FieldError> validate(JsonNode ingress) {
        var rules = new IngressRules();
        rules.spec(ingress.path("spec"));
        return rules.checks.errors();
    }

    /// Only of new ones: the annotation of old and the field that came after it say the same.
    static List<FieldError> validateClass(JsonNode ingress) {
        JsonNode annotation = ingress.path("metadata").path("annotations").path(WellKnownKeys.INGRESS_CLASS);
        JsonNode field = ingress.path("spec").path("ingressClassName");
        return annotation.isTextual() && field.isTextual() && !annotation.equals(field)
                ? List.of(FieldError.invalid(
                        "annotations." + WellKnownKeys.INGRESS_CLASS,
                        annotation.asText(),
                        "must match `ingressClassName` when both are specified"))
                : List.of();
    }

    private void spec(JsonNode spec) {
        if (spec.path("rules").isEmpty() && !spec.path("defaultBackend").isObject()) {
            checks.add(FieldError.invalid("spec", spec, "either `defaultBackend` or `rules` must be specified"));
        }
        if (spec.path("defaultBackend").isObject()) {
            backend(spec.path("defaultBackend"), "spec.defaultBackend");
        }
        int r = 0;
        for (JsonNode rule : spec.path("rules")) {
            rule(rule, "spec.rules[" + r++ + "]");
        }
        int t = 0;
        for (JsonNode tls : spec.path("tls")) {
            tls(tls, "spec.tls[" + t++ + "]");
        }
        if (spec.path("ingressClassName").isTextual()) {
            subdomain(spec.path("ingressClassName").asText(), "spec.ingressClassName");
        }
    }

    private void tls(JsonNode tls, String at) {
        int h = 0;
        for (JsonNode host : tls.path("hosts")) {
            host(host.asText(), at + ".hosts[" + h++ + "]");
        }
        String secret = tls.path("secretName").asText("");
        if (!secret.isEmpty()) {
            subdomain(secret, at + ".secretName");
        }
    }

    private void rule(JsonNode rule, String at) {
        String host = rule.path("host").asText("");
        if (!host.isEmpty()) {
            if (IpAddress.parse(host).isPresent()) {
                checks.add(FieldError.invalid(at + ".host", host, "must be a DNS name, not an IP address"));
            }
            host(host, at + ".host");
        }
        if (!rule.path("http").isObject()) {
            return;
        }
        if (rule.path("http").path("paths").isEmpty()) {
            checks.add(FieldError.required(at + ".http.paths", ""));
        }
        int p = 0;
        for (JsonNode path : rule.path("http").path("paths")) {
            path(path, at + ".http.paths[" + p++ + "]");
        }
    }

    private void host(String host, String at) {
        if (!host.contains("*")) {
            subdomain(host, at);
        } else if (host.length() > 253) {
            checks.add(FieldError.invalid(at, host, "must be no more than 253 bytes"));
        } else if (!WILDCARD.matcher(host).matches()) {
            checks.add(FieldError.invalid(
                    at,
                    host,
                    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must"
                            + " consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric"
                            + " character (e.g. '*.example.com', regex used for validation is '" + WILDCARD.pattern()
                            + "')"));
        }
    }

    private void path(JsonNode path, String at) {
        if (Fields.isUnset(path, "pathType")) {
            checks.add(FieldError.required(at + ".pathType", "pathType must be specified"));
            return;
        }
        checks.oneOf(path, at, "pathType", "Exact", "ImplementationSpecific", "Prefix");
        String text = path.path("path").asText("");
        boolean isExact = !path.path("pathType").asText().equals("ImplementationSpecific");
        if (!text.startsWith("/") && (isExact || !text.isEmpty())) {
            checks.add(FieldError.invalid(at + ".path", text, "must be an absolute path"));
        }
        if (isExact) {
            NOT_IN_PATHS.stream()
                    .filter(text::contains)
                    .forEach(s -> checks.add(FieldError.invalid(at + ".path", text, "must not contain '" + s + "'")));
            NOT_AT_ENDS.stream()
                    .filter(text::endsWith)
                    .forEach(s -> checks.add(FieldError.invalid(at + ".path", text, "cannot end with '" + s + "'")));
        }
        backend(path.path("backend"), at + ".backend");
    }

    private void backend(JsonNode backend, String at) {
        boolean hasService = backend.path("service").isObject();
        if (backend.path("resource").isObject()) {
            if (hasService) {
                checks.add(FieldError.invalid(at, "", "cannot set both resource and service backends"));
            } else {
                References.local(backend.path("resource"), at + ".resource", checks);
            }
        } else if (hasService) {
            service(backend.path("service"), at);
        } else {
            checks.add(FieldError.invalid(at, "", "resource or service backend is required"));
        }
    }

    private void service(JsonNode service, String at) {
        checks.name(service.path("name").asText(""), at + ".service.name", Names::dns1035Label);
        String name = service.path("port").path("name").asText("");
        int number = service.path("port").path("number").asInt();
        if (!name.isEmpty() && number != 0) {
            checks.add(FieldError.invalid(at, "", "cannot set both port name & port number"));
        } else if (!name.isEmpty()) {
            checks.name(name, at + ".service.port.name", PortNames::check);
        } else if (number != 0) {
            checks.port(service.path("port").path("number"), at + ".service.port.number");
        } else {
            checks.add(FieldError.required(at, "port name or number is required"));
        }
    }

    private void subdomain(String text, String at) {
        String finding = Names.dns1123Subdomain(text);
        if (!finding.isEmpty()) {
            checks.add(FieldError.invalid(at, text, finding));
        }
    }
}
