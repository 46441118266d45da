package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What upstream refuses in the specs of plain kinds, with its words: one change each of an object that is right.
final class SpecRulesTest {

    /// @param was a part of the kind's right object
    /// @param is what stands there instead
    /// @param findings their beginnings, in order; none where it is right
    record Case(String kind, String was, String is, List<String> findings) {
        static Case of(String kind, String was, String is, String... findings) {
            return new Case(kind, was, is, List.of(findings));
        }
    }

    private static String right(String kind) {
        String spec = switch (kind) {
            case "v1 ResourceQuota" ->
                "{hard: {pods: 5, requests.cpu: 1, count/jobs.batch: 1}, scopes: [NotTerminating],"
                        + " scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In,"
                        + " values: [a]}]}}";
            case "v1 LimitRange" ->
                "{limits: [{type: Container, max: {cpu: 2}, min: {cpu: 100m}, default: {cpu: 1},"
                        + " defaultRequest: {cpu: 200m}, maxLimitRequestRatio: {cpu: 10}},"
                        + " {type: PersistentVolumeClaim, min: {storage: 1Gi}}]}";
            case "policy/v1 PodDisruptionBudget" ->
                "{minAvailable: 50%, selector: {matchExpressions: [{key: x, operator: In, values: [y]}]}}";
            case "networking.k8s.io/v1 Ingress" ->
                "{ingressClassName: x, defaultBackend: {service: {name: s, port: {number: 80}}},"
                        + " tls: [{hosts: [a.example.com], secretName: s}], rules: [{host: '*.example.com',"
                        + " http: {paths: [{path: /a, pathType: Prefix, backend: {resource: {apiGroup: a.com,"
                        + " kind: K, name: n}}}]}}]}";
            case "networking.k8s.io/v1 IngressClass" ->
                "{controller: a.com/b, parameters: {apiGroup: a.com, kind: K, name: n, scope: Namespace,"
                        + " namespace: ns}}";
            case "networking.k8s.io/v1 NetworkPolicy" ->
                "{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8,"
                        + " except: [10.1.0.0/16]}}], ports: [{port: 80, endPort: 90}]}]}";
            case "v1 Service" -> "{selector: {a: b}, ports: [{port: 80}]}";
            default -> throw new IllegalArgumentException(kind);
        };
        return "{metadata: {name: n, namespace: d}, spec: " + spec + "}";
    }

    static Stream<Case> cases() {
        return Stream.of(quotas(), limits(), budgets(), ingresses(), classes(), policies(), services())
                .flatMap(cases -> cases);
    }

    private static Stream<Case> quotas() {
        String kind = "v1 ResourceQuota";
        String selector = "spec.scopeSelector.matchExpressions";
        return Stream.of(
                Case.of(kind, "pods: 5", "pods: 6"),
                Case.of(kind, "pods: 5", "pods: -1", "spec.hard[pods]: Invalid value: \"-1\": " + Checks.NOT_NEGATIVE),
                Case.of(kind, "pods: 5", "pods: 1.5", "spec.hard[pods]: Invalid value: \"1500m\": must be an integer"),
                Case.of(
                        kind,
                        "pods: 5",
                        "widgets: 5",
                        "spec.hard[widgets]: Invalid value: \"widgets\": must be a standard resource type",
                        "spec.hard[widgets]: Invalid value: \"widgets\": must be a standard resource for quota"),
                Case.of(
                        kind,
                        "[NotTerminating]",
                        "[Nope]",
                        "spec.scopes: Invalid value: [\"Nope\"]: unsupported scope"),
                Case.of(
                        kind,
                        "[NotTerminating]",
                        "[Terminating, NotTerminating]",
                        "spec.scopes: Invalid value: [\"Terminating\",\"NotTerminating\"]: conflicting scopes"),
                Case.of(
                        kind,
                        "[NotTerminating]",
                        "[BestEffort]",
                        "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource"),
                Case.of(
                        kind,
                        "operator: In",
                        "operator: Like",
                        selector + ".operator: Invalid value: \"Like\": not a valid selector operator"),
                Case.of(kind, "values: [a]", "values: []", selector + ".values: Required value: must be at least one"));
    }

    private static Stream<Case> limits() {
        String kind = "v1 LimitRange";
        return Stream.of(
                Case.of(kind, "max: {cpu: 2}", "max: {cpu: 3}"),
                Case.of(
                        kind,
                        "max: {cpu: 2}",
                        "max: {cpu: 500m}",
                        "spec.limits[0].default[cpu]: Invalid value: \"500m\": default value 1 is greater than max value 500m",
                        "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"10\": ratio 10 is greater than"
                                + " max/min = 5.000000"),
                Case.of(
                        kind,
                        "min: {cpu: 100m}",
                        "min: {cpu: 300m}",
                        "spec.limits[0].defaultRequest[cpu]: Invalid value: \"200m\": min value 300m is greater than"
                                + " default request value 200m",
                        "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"10\": ratio 10 is greater"),
                Case.of(
                        kind,
                        "min: {storage: 1Gi}",
                        "default: {storage: 1Gi}",
                        "spec.limits[1].limits: Required value: either minimum or maximum storage value"),
                Case.of(
                        kind,
                        "type: PersistentVolumeClaim, min: {storage",
                        "type: Container, min: {memory",
                        "spec.limits[1].type: Duplicate value: \"Container\""),
                Case.of(
                        kind,
                        "type: PersistentVolumeClaim",
                        "type: Volume",
                        "spec.limits[1].type: Invalid value: \"Volume\": must be a standard limit type"));
    }

    private static Stream<Case> budgets() {
        String kind = "policy/v1 PodDisruptionBudget";
        return Stream.of(
                Case.of(kind, "50%", "3"),
                Case.of(
                        kind,
                        "50%",
                        "150%",
                        "spec.minAvailable: Invalid value: \"150%\": must not be greater than 100%"),
                Case.of(kind, "50%", "-1", "spec.minAvailable: Invalid value: -1: " + Checks.NOT_NEGATIVE),
                Case.of(kind, "50%", "half", "spec.minAvailable: Invalid value: \"half\": a valid percent string"),
                Case.of(
                        kind,
                        "values: [y]",
                        "values: [y, 'not this']",
                        "spec.selector.matchExpressions[0].values[1]: Invalid value: \"not this\": a valid label"));
    }

    private static Stream<Case> ingresses() {
        String kind = "networking.k8s.io/v1 Ingress";
        String path = "spec.rules[0].http.paths[0]";
        return Stream.of(
                Case.of(kind, "path: /a", "path: /b"),
                Case.of(kind, "path: /a", "path: a", path + ".path: Invalid value: \"a\": must be an absolute path"),
                Case.of(
                        kind,
                        "path: /a",
                        "path: /a/../b",
                        path + ".path: Invalid value: \"/a/../b\": must not contain"),
                Case.of(
                        kind,
                        "path: /a",
                        "path: /a/..",
                        path + ".path: Invalid value: \"/a/..\": cannot end with '/..'"),
                Case.of(kind, "path: /a, pathType: Prefix", "pathType: ImplementationSpecific"),
                Case.of(
                        kind,
                        "resource: {",
                        "service: {name: s, port: {name: http}}, resource: {",
                        path + ".backend: Invalid value: \"\": cannot set both resource and service backends"),
                Case.of(kind, "kind: K", "kind: a/b", path + ".backend.resource.kind: Invalid value: \"a/b\": may not"),
                Case.of(
                        kind,
                        "'*.example.com'",
                        "'*'",
                        "spec.rules[0].host: Invalid value: \"*\": a wildcard DNS-1123"),
                Case.of(
                        kind,
                        "'*.example.com'",
                        "10.0.0.1",
                        "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address"),
                Case.of(
                        kind,
                        "number: 80",
                        "number: 0",
                        "spec.defaultBackend: Required value: port name or number is required"),
                Case.of(
                        kind,
                        "number: 80",
                        "number: 80, name: http",
                        "spec.defaultBackend: Invalid value: \"\": cannot set both port name & port number"),
                Case.of(kind, "{name: s,", "{name: 'S',", "spec.defaultBackend.service.name: Invalid value: \"S\""),
                Case.of(kind, "[a.example.com]", "[a_b]", "spec.tls[0].hosts[0]: Invalid value: \"a_b\""),
                Case.of(kind, "secretName: s", "secretName: S", "spec.tls[0].secretName: Invalid value: \"S\""),
                Case.of(kind, "ingressClassName: x", "ingressClassName: X", "spec.ingressClassName: Invalid value"),
                Case.of(
                        kind,
                        "name: n, namespace",
                        "annotations: {kubernetes.io/ingress.class: y}, name: n, namespace",
                        "annotations.kubernetes.io/ingress.class: Invalid value: \"y\": must match"));
    }

    private static Stream<Case> classes() {
        String kind = "networking.k8s.io/v1 IngressClass";
        return Stream.of(
                Case.of(kind, "a.com/b", "a.com/b/c"),
                Case.of(kind, "a.com/b", "b", "spec.controller: Invalid value: \"b\": must be a domain-prefixed path"),
                Case.of(kind, ", namespace: ns", "", "spec.parameters.namespace: Required value"),
                Case.of(kind, "scope: Namespace", "scope: Cluster", "spec.parameters.namespace: Forbidden"),
                Case.of(kind, "kind: K, ", "", "spec.parameters.kind: Required value"));
    }

    private static Stream<Case> policies() {
        String kind = "networking.k8s.io/v1 NetworkPolicy";
        String from = "spec.ingress[0].from[0]";
        String port = "spec.ingress[0].ports[0]";
        return Stream.of(
                Case.of(kind, "endPort: 90", "endPort: 80"),
                Case.of(kind, "endPort: 90", "endPort: 79", port + ".endPort: Invalid value: 80: must be greater than"),
                Case.of(kind, "port: 80", "port: web", port + ".endPort: Invalid value: 90: may not be specified when"),
                Case.of(
                        kind,
                        "port: 80, endPort: 90",
                        "port: Web!",
                        port + ".port: Invalid value: \"Web!\": must contain only alpha-numeric characters"),
                Case.of(
                        kind,
                        "10.1.0.0/16",
                        "11.0.0.0/16",
                        from + ".ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`"),
                Case.of(
                        kind,
                        "10.1.0.0/16",
                        "10.0.0.0/8",
                        from + ".ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`"),
                Case.of(kind, "cidr: 10.0.0.0/8", "cidr: all", from + ".ipBlock.cidr: Invalid value: \"all\""),
                Case.of(
                        kind,
                        "{ipBlock:",
                        "{podSelector: {}, ipBlock:",
                        from + ": Forbidden: may not specify both ipBlock and another peer"),
                Case.of(kind, "from: [{", "from: [{}, {", from + ": Required value: must specify a peer"),
                Case.of(
                        kind,
                        "[Ingress]",
                        "[Both]",
                        "spec.policyTypes[0]: Unsupported value: \"Both\": supported values: \"Ingress\", \"Egress\""));
    }

    private static Stream<Case> services() {
        String number = ": Invalid value: 0: must be between 1 and 65535, inclusive";
        return Stream.of(Case.of(
                "v1 Service",
                "{port: 80}",
                "{name: a}",
                "spec.ports[0].port" + number,
                "spec.ports[0].targetPort" + number));
    }

    @ParameterizedTest
    @MethodSource
    void cases(Case c) {
        List<String> found = writes(c).createErrors(changed(c));
        assertThat(found).as(c.toString()).hasSameSizeAs(c.findings());
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i)).startsWith(c.findings().get(i));
        }
    }

    @Test
    void letsOtherThingsChangeWhereARuleCameLater() {
        String limits = right("v1 LimitRange").replace("max: {cpu: 2}", "max: {cpu: 1m}");
        var writes = new Writes("v1", "LimitRange");
        assertThat(writes.createErrors(limits)).isNotEmpty();
        assertThat(writes.updateErrors(limits.replace("name: n", "name: n, labels: {a: b}"), limits))
                .isEmpty();
        assertThat(writes.updateErrors(limits.replace("type: Container", "type: Box"), limits))
                .singleElement()
                .asString()
                .startsWith("spec.limits[0].type: Invalid value: \"Box\"");
    }

    private static Writes writes(Case c) {
        int space = c.kind().indexOf(' ');
        return new Writes(c.kind().substring(0, space), c.kind().substring(space + 1));
    }

    private static String changed(Case c) {
        String right = right(c.kind());
        assertThat(right).contains(c.was());
        return right.replace(c.was(), c.is());
    }
}
