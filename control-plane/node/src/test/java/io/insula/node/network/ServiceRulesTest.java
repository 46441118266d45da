package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Where each Service leads to, without a kernel: what the rules say of it.
final class ServiceRulesTest {

    private static final PodNetwork PODS = new PodNetwork("ins-x", "10.88.0.0/24");
    private static final Pattern ENDPOINT = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+)(?: \\. |:)\\d+");
    private static final Pattern CHAIN = Pattern.compile("goto ([a-z]-[0-9a-f]+|reject-packet)");

    /// @param want where packets to an entry go: endpoints' addresses, `reject`, `drop`; entries that are not there
    ///     are no Service's
    record Case(String name, String spec, List<String> endpoints, Map<String, String> want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String cluster = "10.96.0.9 . tcp . 80";
        String plain = "{clusterIP: 10.96.0.9, ports: [{name: http, port: 80}]}";
        String node = "{type: NodePort, clusterIP: 10.96.0.9, externalTrafficPolicy: Local, ports: [{name: http, port:"
                + " 80, nodePort: 30080}]}";
        return Stream.of(
                new Case(
                        "ready endpoints",
                        plain,
                        List.of("10.88.0.2", "10.88.0.3 unready", "10.88.0.4"),
                        Map.of(cluster, "10.88.0.2 10.88.0.4")),
                new Case(
                        "ending ones only where none is ready",
                        plain,
                        List.of("10.88.0.2", "10.88.0.3 ending"),
                        Map.of(cluster, "10.88.0.2")),
                new Case(
                        "ending ones that serve",
                        plain,
                        List.of("10.88.0.2 unready", "10.88.0.3 ending", "10.88.0.4 ended"),
                        Map.of(cluster, "10.88.0.3")),
                new Case("no endpoints", plain, List.of(), Map.of(cluster, "reject")),
                new Case(
                        "none that serves",
                        plain,
                        List.of("10.88.0.2 unready", "10.88.0.3 ended"),
                        Map.of(cluster, "reject")),
                new Case(
                        "headless",
                        "{clusterIP: None, ports: [{name: http, port: 80}]}",
                        List.of("10.88.0.2"),
                        Map.of()),
                new Case("no address yet", "{ports: [{name: http, port: 80}]}", List.of("10.88.0.2"), Map.of()),
                new Case(
                        "a name outside",
                        "{type: ExternalName, externalName: x.y, clusterIP: 10.96.0.9, ports: [{port: 80}]}",
                        List.of("10.88.0.2"),
                        Map.of()),
                new Case(
                        "another port's name",
                        "{clusterIP: 10.96.0.9, ports: [{name: other, port: 80}]}",
                        List.of("10.88.0.2"),
                        Map.of(cluster, "reject")),
                new Case(
                        "another protocol",
                        "{clusterIP: 10.96.0.9, ports: [{name: dns, port: 53, protocol: UDP}]}",
                        List.of("10.88.0.2"),
                        Map.of("10.96.0.9 . udp . 53", "10.88.0.2")),
                new Case(
                        "internal policy Local",
                        "{clusterIP: 10.96.0.9, internalTrafficPolicy: Local, ports: [{name: http, port: 80}]}",
                        List.of("10.88.0.2", "10.99.0.2"),
                        Map.of(cluster, "10.88.0.2")),
                new Case(
                        "internal policy Local, endpoints elsewhere only",
                        "{clusterIP: 10.96.0.9, internalTrafficPolicy: Local, ports: [{name: http, port: 80}]}",
                        List.of("10.99.0.2"),
                        Map.of(cluster, "drop")),
                new Case(
                        "node port",
                        "{type: NodePort, clusterIP: 10.96.0.9, ports: [{name: http, port: 80, nodePort: 30080}]}",
                        List.of("10.88.0.2", "10.99.0.2"),
                        Map.of(cluster, "10.88.0.2 10.99.0.2", "tcp . 30080", "10.88.0.2 10.99.0.2")),
                new Case(
                        "external policy Local",
                        node,
                        List.of("10.88.0.2", "10.99.0.2"),
                        Map.of(
                                cluster,
                                "10.88.0.2 10.99.0.2",
                                "tcp . 30080",
                                "10.88.0.2 | in cluster 10.88.0.2 10.99.0.2")),
                new Case(
                        "external policy Local, endpoints elsewhere only",
                        node,
                        List.of("10.99.0.2"),
                        Map.of(cluster, "10.99.0.2", "tcp . 30080", "drop | in cluster 10.99.0.2")),
                new Case(
                        "external policy Local, none",
                        node,
                        List.of(),
                        Map.of(cluster, "reject", "tcp . 30080", "reject")),
                new Case(
                        "external IPs",
                        "{clusterIP: 10.96.0.9, externalIPs: [192.0.2.9, 'fd00::1', nonsense], ports: [{name: http, port: 80}]}",
                        List.of("10.88.0.2"),
                        Map.of(cluster, "10.88.0.2", "192.0.2.9 . tcp . 80", "10.88.0.2")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void leadsTo(Case given) {
        Ruleset rules = rules(
                List.of(Objects.service("web", given.spec())), given.endpoints().toArray(String[]::new));

        assertThat(told(rules)).isEqualTo(new TreeMap<>(given.want()));
    }

    @Test
    void leavesAloneWhatAnotherProxyServes() {
        var service = Objects.service("web", "{clusterIP: 10.96.0.9, ports: [{name: http, port: 80}]}");
        service.getMetadata().setLabels(Map.of("service.kubernetes.io/service-proxy-name", "other"));
        assertThat(told(rules(List.of(service), "10.88.0.2"))).isEmpty();
    }

    /// Nothing that users write gets into a rule but addresses and numbers.
    @Test
    void takesNoRulesFromTexts() {
        var service =
                Objects.service("web", "{clusterIP: '10.96.0.9 }; flush ruleset; {', ports: [{name: http, port: 80}]}");
        assertThat(told(rules(List.of(service), "10.88.0.2"))).isEmpty();
        var other = Objects.service("web", "{clusterIP: 10.96.0.9, ports: [{name: http, port: 80}]}");
        Ruleset rules = rules(List.of(other), "10.88.0.2;");
        assertThat(told(rules)).isEqualTo(Map.of("10.96.0.9 . tcp . 80", "reject"));
    }

    @Test
    void keepsAClientAtItsEndpoint() {
        var service = Objects.service(
                "web", "{clusterIP: 10.96.0.9, sessionAffinity: ClientIP, ports: [{name: http, port: 80}]}");
        Ruleset rules = rules(List.of(service), "10.88.0.2", "10.88.0.3");
        assertThat(rules.sets().values())
                .filteredOn(set -> set.type().contains("timeout 10800s"))
                .hasSize(2);
        assertThat(told(rules)).isEqualTo(Map.of("10.96.0.9 . tcp . 80", "10.88.0.2 10.88.0.3"));
    }

    @Test
    void givesAnAddressToTheFirstOfTwo() {
        var one = Objects.service(
                "a", "{clusterIP: 10.96.0.1, externalIPs: [192.0.2.9], ports: [{name: http, port: 80}]}");
        var two = Objects.service(
                "b", "{clusterIP: 10.96.0.2, externalIPs: [192.0.2.9], ports: [{name: http, port: 80}]}");
        Ruleset rules = rulesOf(Objects.state(
                List.of(two, one), List.of(Objects.slice("a", "10.88.0.2"), Objects.slice("b", "10.88.0.3"))));
        assertThat(told(rules)).containsEntry("192.0.2.9 . tcp . 80", "10.88.0.2");
    }

    private static Ruleset rules(List<io.fabric8.kubernetes.api.model.Service> services, String... endpoints) {
        return rulesOf(Objects.state(services, List.of(Objects.slice("web", endpoints))));
    }

    private static Map<String, String> told(Ruleset rules) {
        var told = new TreeMap<String, String>();
        for (String map : List.of(ServiceRules.CLOSED_SERVICES, ServiceRules.CLOSED_NODE_PORTS)) {
            elements(rules, map)
                    .forEach((entry, verdict) -> told.put(entry, verdict.equals("drop") ? "drop" : "reject"));
        }
        for (String map : List.of(ServiceRules.SERVICES, ServiceRules.NODE_PORTS)) {
            elements(rules, map)
                    .forEach((entry, verdict) ->
                            told.merge(entry, follow(rules, verdict), (closed, led) -> closed + led));
        }
        return told;
    }

    private static Ruleset rulesOf(ClusterState state) {
        return RouterRules.of(
                state,
                Population.of(state),
                new NetworkSettings(PODS, List.of(), "cluster.local", _ -> Optional.empty()),
                Doors.NONE);
    }

    private static Map<String, String> elements(Ruleset rules, String map) {
        return Optional.ofNullable(rules.sets().get(map)).orElseThrow().elements();
    }

    private static String follow(Ruleset rules, String rule) {
        Matcher chain = CHAIN.matcher(rule);
        if (!chain.find()) {
            Matcher endpoint = ENDPOINT.matcher(rule);
            var all = new TreeSet<String>();
            while (endpoint.find()) {
                all.add(endpoint.group(1));
            }
            return String.join(" ", all);
        }
        var cluster = new TreeSet<String>();
        var all = new TreeSet<String>();
        for (String next : Optional.ofNullable(rules.chains().get(chain.group(1)))
                .orElseThrow()
                .rules()) {
            boolean isInside = next.startsWith("iifname") || next.startsWith("ip saddr 10.88.0.254");
            String to = follow(rules, next);
            (isInside ? cluster : all).addAll(to.isEmpty() ? List.of() : List.of(to.split(" ", -1)));
        }
        String outside = String.join(" ", all);
        return cluster.isEmpty() ? outside : (outside + " | in cluster " + String.join(" ", cluster));
    }
}
