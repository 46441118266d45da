package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Reads a policy rule as `rbac-policy.yaml` writes it; the file's head explains the notation.
final class RuleLine {

    private static final List<String> READ = List.of("get", "list", "watch");
    private static final List<String> WRITE = List.of("create", "delete", "deletecollection", "patch", "update");

    private RuleLine() {}

    static ObjectNode parse(String line) {
        if (line.equals("events")) {
            return rule(
                    List.of("create", "patch", "update"), List.of("", "events.k8s.io"), List.of("events"), List.of());
        }
        int url = line.indexOf(" url ");
        if (url > 0) {
            ObjectNode rule = Json.object();
            put(rule, "nonResourceURLs", words(line.substring(url + " url ".length())));
            put(rule, "verbs", verbs(line.substring(0, url)));
            return rule;
        }
        int at = line.indexOf(" @ ");
        if (at < 0) {
            throw new IllegalStateException("rule: " + line + " (expected: verbs @ resources, or verbs url paths)");
        }
        int hash = line.indexOf(" # ");
        String targets = line.substring(at + " @ ".length(), hash < 0 ? line.length() : hash);
        List<String> names = hash < 0 ? List.of() : words(line.substring(hash + " # ".length()));
        return resourceRule(line, verbs(line.substring(0, at)), words(targets), names);
    }

    private static ObjectNode resourceRule(
            String line, Collection<String> verbs, List<String> targets, List<String> names) {
        var groups = new TreeSet<String>();
        var resources = new LinkedHashSet<String>();
        for (String target : targets) {
            int dot = target.indexOf('.');
            resources.add(dot < 0 ? target : target.substring(0, dot));
            groups.add(dot < 0 ? "" : target.substring(dot + 1));
        }
        if (groups.size() * resources.size() != targets.size()) {
            // a rule grants every resource in every group: a line must not mean more than it says
            throw new IllegalStateException("rule: " + line + " (expected: each resource in each group)");
        }
        return rule(verbs, groups, resources, names);
    }

    private static ObjectNode rule(
            Collection<String> verbs,
            Collection<String> groups,
            Collection<String> resources,
            Collection<String> names) {
        ObjectNode rule = Json.object();
        put(rule, "apiGroups", groups);
        if (!names.isEmpty()) {
            put(rule, "resourceNames", names);
        }
        put(rule, "resources", resources);
        put(rule, "verbs", verbs);
        return rule;
    }

    private static Set<String> verbs(String text) {
        var verbs = new TreeSet<String>();
        for (String word : words(text)) {
            switch (word) {
                case "read" -> verbs.addAll(READ);
                case "write" -> verbs.addAll(WRITE);
                default -> verbs.add(word);
            }
        }
        return verbs;
    }

    private static List<String> words(String text) {
        var words = new ArrayList<>(Arrays.asList(text.strip().split(" +", -1)));
        words.removeIf(String::isEmpty);
        return words;
    }

    private static void put(ObjectNode rule, String field, Collection<String> values) {
        var array = rule.putArray(field);
        values.forEach(array::add);
    }
}
