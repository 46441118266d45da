package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer.NonResourceRule;
import io.insula.tenantapi.auth.Authorizer.ResourceRule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// One policy rule. Source: kubernetes/api, `rbac/v1`; matching as kubernetes/pkg/apis/rbac/v1 has it.
record Rule(
        List<String> verbs,
        List<String> groups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {

    private static final String ALL = "*";

    /// May do everything: what changing an aggregation rule takes.
    static final List<Rule> EVERYTHING = List.of(
            new Rule(List.of(ALL), List.of(ALL), List.of(ALL), List.of(), List.of()),
            new Rule(List.of(ALL), List.of(), List.of(), List.of(), List.of(ALL)));

    static Rule of(JsonNode rule) {
        return new Rule(
                texts(rule.path("verbs")),
                texts(rule.path("apiGroups")),
                texts(rule.path("resources")),
                texts(rule.path("resourceNames")),
                texts(rule.path("nonResourceURLs")));
    }

    static Rule of(ResourceRule rule) {
        return new Rule(rule.verbs(), rule.apiGroups(), rule.resources(), rule.resourceNames(), List.of());
    }

    static Rule of(NonResourceRule rule) {
        return new Rule(rule.verbs(), List.of(), List.of(), List.of(), rule.nonResourceUrls());
    }

    static List<Rule> all(JsonNode rules) {
        return rules.valueStream().map(Rule::of).toList();
    }

    boolean allows(Attributes wanted) {
        if (!contains(verbs, wanted.verb())) {
            return false;
        }
        if (!wanted.isResourceRequest()) {
            return nonResourceUrls.stream().anyMatch(url -> urlMatches(url, wanted.path()));
        }
        return contains(groups, wanted.group())
                && resources.stream().anyMatch(resource -> resourceMatches(resource, wanted))
                && (resourceNames.isEmpty() || resourceNames.contains(wanted.name()));
    }

    /// Whether this one rule grants all that `other`, which has one verb and one target, grants.
    boolean covers(Rule other) {
        return coversAll(verbs, other.verbs)
                && coversAll(groups, other.groups)
                && other.resources.stream().allMatch(this::coversResource)
                && (resourceNames.isEmpty()
                        || (!other.resourceNames.isEmpty() && resourceNames.containsAll(other.resourceNames)))
                && other.nonResourceUrls.stream().allMatch(this::coversUrl);
    }

    boolean isForResources() {
        return !resources.isEmpty();
    }

    /// `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`, as messages show a rule.
    String describe() {
        var parts = new ArrayList<String>();
        addPart(parts, "APIGroups", groups);
        addPart(parts, "Resources", resources);
        addPart(parts, "ResourceNames", resourceNames);
        addPart(parts, "NonResourceURLs", nonResourceUrls);
        addPart(parts, "Verbs", verbs);
        return "{" + String.join(", ", parts) + "}";
    }

    static String quoted(List<String> texts) {
        return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(" ", "[", "]"));
    }

    private static void addPart(List<String> parts, String name, List<String> values) {
        if (!values.isEmpty()) {
            parts.add(name + ":" + quoted(values));
        }
    }

    private static boolean resourceMatches(String resource, Attributes wanted) {
        if (resource.equals(ALL)) {
            return true;
        }
        return wanted.subresource().isEmpty()
                ? resource.equals(wanted.resource())
                : resource.equals(wanted.resource() + "/" + wanted.subresource())
                        || resource.equals("*/" + wanted.subresource());
    }

    private static boolean urlMatches(String url, String path) {
        if (url.equals(ALL) || url.equals(path)) {
            return true;
        }
        return url.endsWith(ALL) && path.startsWith(stripStars(url));
    }

    private boolean coversResource(String resource) {
        int slash = resource.indexOf('/');
        return contains(resources, resource)
                || (slash >= 0 && resources.contains("*/" + resource.substring(slash + 1)));
    }

    private boolean coversUrl(String url) {
        return nonResourceUrls.stream()
                .anyMatch(mine -> mine.equals(ALL)
                        || mine.equals(url)
                        || (mine.endsWith(ALL) && url.startsWith(stripStars(mine))));
    }

    private static String stripStars(String url) {
        int end = url.length();
        while (end > 0 && url.charAt(end - 1) == '*') {
            end--;
        }
        return url.substring(0, end);
    }

    private static boolean contains(List<String> list, String value) {
        return list.contains(ALL) || list.contains(value);
    }

    private static boolean coversAll(List<String> mine, List<String> wanted) {
        return mine.contains(ALL) || mine.containsAll(wanted);
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }
}
