package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What is recorded of which requests: the first rule that matches decides, and where none does nothing is.
/// Immutable. Source: Kubernetes, `audit.k8s.io/v1` Policy; kubernetes/apiserver, `audit/policy/checker.go`.
public final class AuditPolicy {

    /// Who asked for what and how it ended, of every request; nothing when it has only been received.
    public static final AuditPolicy METADATA = new AuditPolicy(
            List.of(new Rule(
                    AuditLevel.METADATA,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Set.of(Stage.REQUEST_RECEIVED),
                    false)),
            Set.of());

    private final List<Rule> rules;
    private final Set<Stage> omitted;

    private AuditPolicy(List<Rule> rules, Set<Stage> omitted) {
        this.rules = List.copyOf(rules);
        this.omitted = Set.copyOf(omitted);
    }

    /// When an event is recorded.
    enum Stage {
        REQUEST_RECEIVED("RequestReceived"),
        RESPONSE_STARTED("ResponseStarted"),
        RESPONSE_COMPLETE("ResponseComplete"),
        PANIC("Panic");

        private final String text;

        Stage(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        static Stage of(String text) {
            for (Stage stage : values()) {
                if (stage.text.equals(text)) {
                    return stage;
                }
            }
            throw new IllegalArgumentException("omitStages: \"" + text
                    + "\" (expected: RequestReceived, ResponseStarted, ResponseComplete or Panic)");
        }
    }

    /// What was decided about one request.
    record Decision(AuditLevel level, Set<Stage> omitted, boolean omitManagedFields) {
        boolean records(Stage stage) {
            return level != AuditLevel.NONE && !omitted.contains(stage);
        }
    }

    /// Reads a policy in YAML or JSON.
    ///
    /// @throws IllegalArgumentException naming what is wrong
    public static AuditPolicy parse(byte[] text) {
        try {
            return of(new YAMLMapper().readTree(text));
        } catch (IOException e) {
            throw new IllegalArgumentException("audit policy: not YAML: " + e.getMessage(), e);
        }
    }

    private static AuditPolicy of(JsonNode policy) {
        String type =
                policy.path("apiVersion").asText() + " " + policy.path("kind").asText();
        if (!type.equals("audit.k8s.io/v1 Policy")) {
            throw new IllegalArgumentException("audit policy: \"" + type + "\" (expected: audit.k8s.io/v1 Policy)");
        }
        JsonNode rules = policy.path("rules");
        if (!rules.isArray() || rules.isEmpty()) {
            throw new IllegalArgumentException("audit policy: no rules (expected: at least one)");
        }
        boolean omitManaged = policy.path("omitManagedFields").asBoolean();
        var all = new ArrayList<Rule>();
        for (JsonNode rule : rules) {
            all.add(Rule.of(rule, omitManaged));
        }
        return new AuditPolicy(all, stages(policy));
    }

    Decision decide(AuditSubject subject) {
        for (Rule rule : rules) {
            if (rule.matches(subject)) {
                var stages = new HashSet<>(omitted);
                stages.addAll(rule.omitted());
                return new Decision(rule.level(), Set.copyOf(stages), rule.omitManagedFields());
            }
        }
        return new Decision(AuditLevel.NONE, Set.of(), false);
    }

    private static Set<Stage> stages(JsonNode node) {
        var stages = new HashSet<Stage>();
        texts(node, "omitStages").forEach(text -> stages.add(Stage.of(text)));
        return stages;
    }

    private static List<String> texts(JsonNode node, String field) {
        return node.path(field).valueStream().map(JsonNode::asText).toList();
    }

    private record Rule(
            AuditLevel level,
            List<String> users,
            List<String> groups,
            List<String> verbs,
            List<Resources> resources,
            List<String> namespaces,
            List<String> paths,
            Set<Stage> omitted,
            boolean omitManagedFields) {

        static Rule of(JsonNode rule, boolean omitManaged) {
            return new Rule(
                    AuditLevel.of(rule.path("level").asText()),
                    texts(rule, "users"),
                    texts(rule, "userGroups"),
                    texts(rule, "verbs"),
                    rule.path("resources").valueStream().map(Resources::of).toList(),
                    texts(rule, "namespaces"),
                    texts(rule, "nonResourceURLs"),
                    stages(rule),
                    rule.path("omitManagedFields").asBoolean(omitManaged));
        }

        boolean matches(AuditSubject subject) {
            if (!(isFree(users) || users.contains(subject.user()))
                    || !(isFree(groups) || subject.groups().stream().anyMatch(groups::contains))
                    || !(isFree(verbs) || verbs.contains(subject.verb()))) {
                return false;
            }
            if (!namespaces.isEmpty() || !resources.isEmpty()) {
                return matchesResource(subject);
            }
            return paths.isEmpty() || matchesPath(subject);
        }

        private static boolean isFree(List<String> wanted) {
            return wanted.isEmpty();
        }

        private boolean matchesResource(AuditSubject subject) {
            return subject.isForResource()
                    && (namespaces.isEmpty() || namespaces.contains(subject.namespace()))
                    && (resources.isEmpty() || resources.stream().anyMatch(one -> one.matches(subject)));
        }

        private boolean matchesPath(AuditSubject subject) {
            return !subject.isForResource()
                    && paths.stream()
                            .anyMatch(path -> path.equals(subject.path())
                                    || (path.endsWith("*")
                                            && subject.path().startsWith(path.substring(0, path.length() - 1))));
        }
    }

    /// Resources of one group.
    private record Resources(String group, List<String> resources, List<String> names) {

        static Resources of(JsonNode node) {
            return new Resources(node.path("group").asText(), texts(node, "resources"), texts(node, "resourceNames"));
        }

        boolean matches(AuditSubject subject) {
            if (!group.equals(subject.group())) {
                return false;
            }
            if (resources.isEmpty()) {
                return true;
            }
            return (names.isEmpty() || names.contains(subject.name()))
                    && resources.stream().anyMatch(one -> covers(one, subject));
        }

        /// `*` is every resource with its subresources, `pods` no subresource, `pods/*` those of pods, `*/status`
        /// this one of all.
        private static boolean covers(String wanted, AuditSubject subject) {
            String sub = subject.subresource();
            String combined = sub.isEmpty() ? subject.resource() : subject.resource() + "/" + sub;
            return wanted.equals("*")
                    || wanted.equals(combined)
                    || (wanted.startsWith("*/")
                            && !sub.isEmpty()
                            && wanted.substring(2).equals(sub))
                    || (wanted.endsWith("/*")
                            && wanted.substring(0, wanted.length() - 2).equals(subject.resource()));
        }
    }
}
