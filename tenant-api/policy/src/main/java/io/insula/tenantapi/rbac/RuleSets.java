package io.insula.tenantapi.rbac;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;

/// Compares what somebody holds with what somebody wants to grant. Source: kubernetes/component-helpers,
/// `auth/rbac/validation`.
final class RuleSets {

    private RuleSets() {}

    /// The parts of `wanted`, each of one verb and one target, that no single rule of `held` covers.
    static List<Rule> missing(List<Rule> held, List<Rule> wanted) {
        return wanted.stream()
                .flatMap(rule -> breakDown(rule).stream())
                .filter(part -> held.stream().noneMatch(rule -> rule.covers(part)))
                .toList();
    }

    /// The missing rules as sorted lines, verbs of the same target joined.
    static String describe(List<Rule> missing) {
        var joined = new LinkedHashMap<Rule, List<String>>();
        for (Rule rule : missing) {
            var target =
                    new Rule(List.of(), rule.groups(), rule.resources(), rule.resourceNames(), rule.nonResourceUrls());
            List<String> verbs = joined.computeIfAbsent(target, t -> new ArrayList<>());
            rule.verbs().stream().filter(verb -> !verbs.contains(verb)).forEach(verbs::add);
        }
        var lines = new TreeSet<String>();
        joined.forEach((target, verbs) -> lines.add(
                new Rule(verbs, target.groups(), target.resources(), target.resourceNames(), target.nonResourceUrls())
                        .describe()));
        return String.join("\n", lines);
    }

    private static List<Rule> breakDown(Rule rule) {
        var parts = new ArrayList<Rule>();
        for (String verb : rule.verbs()) {
            for (String group : rule.groups()) {
                for (String resource : rule.resources()) {
                    addTargets(parts, verb, group, resource, rule.resourceNames());
                }
            }
            for (String url : rule.nonResourceUrls()) {
                parts.add(new Rule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
            }
        }
        return parts;
    }

    private static void addTargets(
            List<Rule> parts, String verb, String group, String resource, List<String> resourceNames) {
        if (resourceNames.isEmpty()) {
            parts.add(new Rule(List.of(verb), List.of(group), List.of(resource), List.of(), List.of()));
        }
        for (String name : resourceNames) {
            parts.add(new Rule(List.of(verb), List.of(group), List.of(resource), List.of(name), List.of()));
        }
    }
}
