package io.insula.syncer.custom;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads rules, and refuses what none may say. Confined to a thread.
///
/// @param field what the list of rules is called
record RuleReader(String field) {

    /// Of Kubernetes' own kinds those whose objects have counterparts on the host under names of their own.
    static final Set<String> NAMED =
            Set.of("ConfigMap", "Ingress", "PersistentVolumeClaim", "Pod", "Secret", "Service");

    private static final int MOST_RULES = 32;
    private static final int MOST_PATHS = 64;
    private static final Pattern GROUP =
            Pattern.compile("(?=.{1,200}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern KIND = Pattern.compile("[A-Z][A-Za-z0-9]{0,62}");
    private static final Pattern PLAIN_FIELD = Pattern.compile("[A-Za-z_$][-A-Za-z0-9_$]{0,127}");
    private static final Set<String> FIELDS = Set.of(
            "group", "version", "kind", "plural", "direction", "names", "labels", "selectors", "matchLabels", "status");
    private static final Set<String> NAME_FIELDS = Set.of("path", "kind", "group", "namespaceField");

    List<CustomKind> read(List<?> value) {
        if (value.size() > MOST_RULES) {
            throw wrong(field, value.size() + " rules", "at most " + MOST_RULES);
        }
        var known = new HashSet<String>();
        for (int i = 0; i < value.size(); i++) {
            var tree = object(field + "[" + i + "]", value.get(i));
            known.add(CustomKind.nameOf(String.valueOf(tree.get("kind")), String.valueOf(tree.get("group"))));
        }
        var rules = new ArrayList<CustomKind>();
        for (int i = 0; i < value.size(); i++) {
            var at = field + "[" + i + "]";
            var rule = new OneRule(at, object(at, value.get(i)), known).read();
            for (var other : rules) {
                if (other.name().equals(rule.name()) || other.definition().equals(rule.definition())) {
                    throw wrong(at, rule.definition(), "one rule for each kind");
                }
            }
            rules.add(rule);
        }
        return List.copyOf(rules);
    }

    /// @param at where it stands
    /// @param known names of the syncers of all rules
    private record OneRule(String at, Map<?, ?> tree, Set<String> known) {

        CustomKind read() {
            fields(at, tree, FIELDS);
            var group = text("group", GROUP, "an API group, such as example.com");
            CustomGroups.objection(group).ifPresent(why -> {
                throw wrong(
                        at + ".group",
                        group,
                        "a group that a rule may open: this one " + why + "; closed are those without a dot, and "
                                + String.join(", ", CustomGroups.closed()) + " with all below them");
            });
            var direction = tree.get("direction");
            if (direction != null && !direction.equals("down")) {
                throw wrong(at + ".direction", direction, "down");
            }
            var status = tree.get("status");
            if (status != null && !status.equals("up") && !status.equals("none")) {
                throw wrong(at + ".status", status, "one of up, none");
            }
            var rule = new CustomKind(
                    CustomKind.ref(
                            group,
                            text("version", LABEL, "a version, such as v1"),
                            text("kind", KIND, "a kind, such as Widget"),
                            text("plural", LABEL, "the name in URLs, such as widgets")),
                    names(),
                    paths("labels"),
                    paths("selectors"),
                    paths("matchLabels"),
                    !"none".equals(status));
            refuseOverlaps(rule);
            return rule;
        }

        private List<NamesOf> names() {
            var names = new ArrayList<NamesOf>();
            for (var each : list("names")) {
                var where = at + ".names[" + names.size() + "]";
                var own = object(where, each);
                fields(where, own, NAME_FIELDS);
                var path = path(where + ".path", own.get("path"));
                Object beside = Objects.requireNonNullElse(own.get("namespaceField"), "");
                if (!(beside instanceof String text)
                        || (!text.isEmpty()
                                && (!PLAIN_FIELD.matcher(text).matches()
                                        || !path.endsWithField()
                                        || path.equals(path.beside(text))))) {
                    throw wrong(
                            where + ".namespaceField",
                            beside,
                            "the name of a field beside the one that path ends with");
                }
                names.add(new NamesOf(path, target(where, own), text));
            }
            return names;
        }

        private String target(String where, Map<?, ?> own) {
            var kind = String.valueOf(own.get("kind"));
            var group = String.valueOf(Objects.requireNonNullElse(own.get("group"), ""));
            var name = group.isEmpty() ? kind : CustomKind.nameOf(kind, group);
            if (group.isEmpty() ? !NAMED.contains(kind) : !known.contains(name)) {
                throw wrong(
                        where + ".kind",
                        name,
                        "one of " + String.join(", ", new TreeSet<>(NAMED))
                                + ", or kind and group of one of these rules: others have no names of their own on the"
                                + " host");
            }
            return name;
        }

        private List<FieldPath> paths(String name) {
            var paths = new ArrayList<FieldPath>();
            for (var each : list(name)) {
                paths.add(path(at + "." + name + "[" + paths.size() + "]", each));
            }
            return paths;
        }

        private static FieldPath path(String where, @Nullable Object value) {
            try {
                if (value instanceof String text) {
                    return FieldPath.of(text);
                }
                throw new IllegalArgumentException("a path of fields");
            } catch (IllegalArgumentException e) {
                throw wrong(where, value, String.valueOf(e.getMessage()));
            }
        }

        private List<?> list(String name) {
            var value = tree.get(name);
            if (value == null) {
                return List.of();
            }
            if (!(value instanceof List<?> list)) {
                throw wrong(at + "." + name, value, "a list");
            }
            if (list.size() > MOST_PATHS) {
                throw wrong(at + "." + name, list.size() + " paths", "at most " + MOST_PATHS);
            }
            return list;
        }

        /// What means two things at once would be translated twice.
        private void refuseOverlaps(CustomKind rule) {
            var paths = new ArrayList<FieldPath>();
            var named = rule.names().stream()
                    .flatMap(each -> each.namespaceField().isEmpty()
                            ? Stream.of(each.path())
                            : Stream.of(each.path(), each.path().beside(each.namespaceField())))
                    .distinct();
            Stream.of(named, rule.labels().stream(), rule.selectors().stream(), rule.matchLabels().stream())
                    .flatMap(each -> each)
                    .forEach(path -> {
                        paths.stream().filter(path::overlaps).findFirst().ifPresent(other -> {
                            throw wrong(at, path + " and " + other, "paths of which none is in another");
                        });
                        paths.add(path);
                    });
            if (rule.names().stream().map(NamesOf::path).distinct().count()
                    < rule.names().size()) {
                throw wrong(at + ".names", "a path twice", "each once");
            }
        }

        private String text(String name, Pattern pattern, String expected) {
            if (tree.get(name) instanceof String text && pattern.matcher(text).matches()) {
                return text;
            }
            throw wrong(at + "." + name, tree.get(name), expected);
        }
    }

    private static Map<?, ?> object(String at, @Nullable Object value) {
        if (value instanceof Map<?, ?> tree) {
            return tree;
        }
        throw wrong(at, value, "an object");
    }

    private static void fields(String at, Map<?, ?> tree, Set<String> known) {
        for (var name : tree.keySet()) {
            if (!known.contains(String.valueOf(name))) {
                throw wrong(at, String.valueOf(name), "of " + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    private static IllegalArgumentException wrong(String field, @Nullable Object value, String expected) {
        return new IllegalArgumentException(field + ": " + (value instanceof String ? "\"" + value + "\"" : value)
                + " (expected: " + expected + ")");
    }
}
