package io.insula.syncer.custom;

import io.insula.syncer.engine.InsulaLabels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private static final Pattern QUALIFIED =
            Pattern.compile("([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Set<String> DOWN = Set.of(
            "group",
            "version",
            "kind",
            "plural",
            "direction",
            "names",
            "labels",
            "selectors",
            "matchLabels",
            "refused",
            "status");
    private static final Set<String> UP =
            Set.of("group", "version", "kind", "plural", "direction", "shared", "hidden", "annotations", "status");
    private static final Set<String> NAME_FIELDS = Set.of("path", "kind", "group", "namespaceField");

    List<CustomKind> read(List<?> value) {
        if (value.size() > MOST_RULES) {
            throw wrong(field, value.size() + " rules", "at most " + MOST_RULES);
        }
        var known = new HashSet<String>();
        var shown = new HashMap<String, CustomKind>();
        for (int i = 0; i < value.size(); i++) {
            var tree = object(field + "[" + i + "]", value.get(i));
            if (isUp(tree)) {
                var rule = new OneRule(field + "[" + i + "]", tree, Set.of(), Map.of()).read();
                shown.put(rule.name(), rule);
            } else {
                known.add(CustomKind.nameOf(String.valueOf(tree.get("kind")), String.valueOf(tree.get("group"))));
            }
        }
        var rules = new ArrayList<CustomKind>();
        for (int i = 0; i < value.size(); i++) {
            var at = field + "[" + i + "]";
            var rule = new OneRule(at, complete(at, object(at, value.get(i)), shown.keySet()), known, shown).read();
            for (var other : rules) {
                if (other.name().equals(rule.name()) || other.definition().equals(rule.definition())) {
                    throw wrong(at, rule.definition(), "one rule for each kind");
                }
            }
            rules.add(rule);
        }
        return List.copyOf(rules);
    }

    private static Map<?, ?> complete(String at, Map<?, ?> tree, Set<String> shown) {
        var known = isUp(tree) ? Optional.<Map<?, ?>>empty() : KnownKinds.complete(tree, shown);
        if (known.isPresent()) {
            tree.keySet().stream()
                    .filter(name -> KnownKinds.SAID.contains(String.valueOf(name)))
                    .findFirst()
                    .ifPresent(name -> {
                        throw wrong(at, String.valueOf(name), "nothing of this kind's fields, which are known");
                    });
        }
        return known.isPresent() ? known.get() : tree;
    }

    private static boolean isUp(Map<?, ?> tree) {
        return "up".equals(tree.get("direction"));
    }

    /// @param at where it stands
    /// @param known names of the syncers of all rules by which objects go down
    /// @param shown the other rules, by the same
    private record OneRule(String at, Map<?, ?> tree, Set<String> known, Map<String, CustomKind> shown) {

        CustomKind read() {
            fields(at, tree, isUp(tree) ? UP : DOWN);
            var group = text("group", GROUP, "an API group, such as example.com");
            var plural = text("plural", LABEL, "the name in URLs, such as widgets");
            var objection = isUp(tree) ? CustomGroups.objectionToShow(group, plural) : objectionToSend(group, plural);
            objection.ifPresent(why -> {
                throw wrong(
                        at + ".group",
                        group,
                        "a group that a rule may open: this one " + why + "; closed are those without a dot, and "
                                + String.join(", ", CustomGroups.closed()) + " with all below them");
            });
            var direction = tree.get("direction");
            if (direction != null && !direction.equals("down") && !isUp(tree)) {
                throw wrong(at + ".direction", direction, "one of down, up");
            }
            var status = tree.get("status");
            if (status != null && !status.equals("up") && !status.equals("none")) {
                throw wrong(at + ".status", status, "one of up, none");
            }
            boolean hasStatus = !"none".equals(status);
            var kind = CustomKind.ref(
                    group,
                    text("version", LABEL, "a version, such as v1"),
                    text("kind", KIND, "a kind, such as Widget"),
                    plural,
                    !isUp(tree));
            if (isUp(tree)) {
                return CustomKind.shown(kind, hasStatus, new CustomKind.Shown(shared(), hidden(), annotations()));
            }
            var rule = CustomKind.of(
                    kind,
                    names(),
                    paths("labels"),
                    paths("selectors"),
                    paths("matchLabels"),
                    paths("refused"),
                    hasStatus);
            refuseOverlaps(rule);
            return rule;
        }

        /// A known kind under another name is another kind.
        private Optional<String> objectionToSend(String group, String plural) {
            return KnownKinds.complete(tree, Set.of()).isPresent()
                    ? CustomGroups.objectionToSend(group, plural)
                    : CustomGroups.objection(group);
        }

        /// Nothing is shown that nobody labelled for it.
        private Map<String, String> shared() {
            var value = tree.get("shared");
            if (value == null) {
                return Map.of(InsulaLabels.SHARED, "true");
            }
            var labels = new HashMap<String, String>();
            object(at + ".shared", value).forEach((key, text) -> {
                if (!QUALIFIED.matcher(String.valueOf(key)).matches() || !(text instanceof String)) {
                    throw wrong(at + ".shared", String.valueOf(key), "labels and their values, as texts");
                }
                labels.put(String.valueOf(key), String.valueOf(text));
            });
            if (labels.isEmpty()) {
                throw wrong(at + ".shared", value, "at least one label that objects must have to be shown");
            }
            return labels;
        }

        private List<FieldPath> hidden() {
            var paths = paths("hidden");
            paths.stream().filter(path -> !path.endsWithField()).findFirst().ifPresent(path -> {
                throw wrong(at + ".hidden", path.toString(), "paths that end with a field");
            });
            return paths;
        }

        private List<String> annotations() {
            var keys = new ArrayList<String>();
            for (var each : list("annotations")) {
                if (!(each instanceof String key)
                        || !QUALIFIED.matcher(key).matches()
                        || key.startsWith(InsulaLabels.PREFIX)) {
                    throw wrong(at + ".annotations", each, "keys of annotations, none of Insula's own");
                }
                keys.add(key);
            }
            return keys;
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
                var target = target(where, own);
                var ofHost = shown.get(target);
                if (ofHost != null && !text.isEmpty()) {
                    throw wrong(where + ".namespaceField", text, "none, as what is shown is in no namespace");
                }
                names.add(new NamesOf(path, target, text, ofHost));
            }
            return names;
        }

        private String target(String where, Map<?, ?> own) {
            var kind = String.valueOf(own.get("kind"));
            var group = String.valueOf(Objects.requireNonNullElse(own.get("group"), ""));
            var name = group.isEmpty() ? kind : CustomKind.nameOf(kind, group);
            if (group.isEmpty() ? !NAMED.contains(kind) : !known.contains(name) && !shown.containsKey(name)) {
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
            Stream.of(
                            named,
                            rule.labels().stream(),
                            rule.selectors().stream(),
                            rule.matchLabels().stream(),
                            rule.refused().stream())
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
