package io.insula.tenantapi.flowcontrol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.ServiceAccountName;
import io.insula.tenantapi.auth.UserInfo;
import java.util.Comparator;
import java.util.List;

/// One FlowSchema object, as requests are matched against it. Immutable.
/// Source: kubernetes/apiserver, `util/flowcontrol/rule.go`.
///
/// @param level the name of its priority level
/// @param distinguisher what tells its flows apart: `ByUser`, `ByNamespace` or empty
record FlowSchema(String name, String uid, int precedence, String level, String distinguisher, List<Rule> rules) {

    /// The one that decides comes first.
    static final Comparator<FlowSchema> ORDER =
            Comparator.comparingInt(FlowSchema::precedence).thenComparing(FlowSchema::name);

    private static final String ALL = "*";

    FlowSchema {
        rules = List.copyOf(rules);
    }

    static FlowSchema of(ObjectNode object) {
        JsonNode spec = object.path("spec");
        return new FlowSchema(
                Meta.name(object),
                Meta.uid(object),
                spec.path("matchingPrecedence").asInt(1000),
                spec.path("priorityLevelConfiguration").path("name").asText(),
                spec.path("distinguisherMethod").path("type").asText(),
                spec.path("rules").valueStream().map(Rule::of).toList());
    }

    boolean matches(FlowRequest request) {
        return rules.stream().anyMatch(rule -> rule.matches(request));
    }

    /// Which of its flows a request belongs to.
    String flowOf(FlowRequest request) {
        return switch (distinguisher) {
            case "ByUser" -> request.user().name();
            case "ByNamespace" -> request.namespace();
            default -> "";
        };
    }

    record Rule(List<Subject> subjects, List<ResourceRule> resources, List<PathRule> paths) {
        Rule {
            subjects = List.copyOf(subjects);
            resources = List.copyOf(resources);
            paths = List.copyOf(paths);
        }

        static Rule of(JsonNode rule) {
            return new Rule(
                    rule.path("subjects").valueStream().map(Subject::of).toList(),
                    rule.path("resourceRules")
                            .valueStream()
                            .map(ResourceRule::of)
                            .toList(),
                    rule.path("nonResourceRules")
                            .valueStream()
                            .map(PathRule::of)
                            .toList());
        }

        boolean matches(FlowRequest request) {
            return subjects.stream().anyMatch(subject -> subject.matches(request.user()))
                    && (request.isForResource()
                            ? resources.stream().anyMatch(rule -> rule.matches(request))
                            : paths.stream().anyMatch(rule -> rule.matches(request)));
        }
    }

    /// @param kind User, Group or ServiceAccount
    /// @param namespace of a service account
    record Subject(String kind, String namespace, String name) {

        static Subject of(JsonNode subject) {
            String kind = subject.path("kind").asText();
            JsonNode named = switch (kind) {
                case "User" -> subject.path("user");
                case "Group" -> subject.path("group");
                default -> subject.path("serviceAccount");
            };
            return new Subject(
                    kind, named.path("namespace").asText(), named.path("name").asText());
        }

        boolean matches(UserInfo user) {
            return switch (kind) {
                case "User" -> name.equals(ALL) || name.equals(user.name());
                case "Group" -> name.equals(ALL) || user.groups().contains(name);
                case "ServiceAccount" ->
                    ServiceAccountName.parse(user.name())
                            .filter(account -> account.namespace().equals(namespace))
                            .filter(account -> name.equals(ALL) || name.equals(account.name()))
                            .isPresent();
                default -> false;
            };
        }
    }

    record ResourceRule(
            List<String> verbs, List<String> groups, List<String> resources, List<String> namespaces, boolean cluster) {

        static ResourceRule of(JsonNode rule) {
            return new ResourceRule(
                    texts(rule, "verbs"),
                    texts(rule, "apiGroups"),
                    texts(rule, "resources"),
                    texts(rule, "namespaces"),
                    rule.path("clusterScope").asBoolean());
        }

        boolean matches(FlowRequest request) {
            String resource = request.subresource().isEmpty()
                    ? request.resource()
                    : request.resource() + "/" + request.subresource();
            return names(verbs, request.verb())
                    && names(resources, resource)
                    && names(groups, request.group())
                    && (request.namespace().isEmpty() ? cluster : names(namespaces, request.namespace()));
        }
    }

    record PathRule(List<String> verbs, List<String> paths) {

        static PathRule of(JsonNode rule) {
            return new PathRule(texts(rule, "verbs"), texts(rule, "nonResourceURLs"));
        }

        boolean matches(FlowRequest request) {
            return names(verbs, request.verb()) && paths.stream().anyMatch(rule -> covers(rule, request.path()));
        }

        /// A rule covers its path and all below it.
        private static boolean covers(String rule, String path) {
            if (rule.equals(ALL) || rule.equals(path)) {
                return true;
            }
            String prefix = rule.endsWith(ALL) ? rule.substring(0, rule.length() - 1) : rule;
            return path.startsWith(prefix.endsWith("/") ? prefix : prefix + "/");
        }
    }

    private static boolean names(List<String> known, String wanted) {
        return known.contains(wanted) || (known.size() == 1 && known.getFirst().equals(ALL));
    }

    private static List<String> texts(JsonNode rule, String field) {
        return rule.path(field).valueStream().map(JsonNode::asText).toList();
    }
}
