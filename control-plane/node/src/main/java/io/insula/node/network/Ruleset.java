package io.insula.node.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// All that one table of nftables holds. Immutable; two of the same content are equal.
///
/// @param sets sets and maps by name
/// @param chains by name
record Ruleset(Map<String, Set> sets, Map<String, Chain> chains) {

    static final Ruleset EMPTY = new Ruleset(Map.of(), Map.of());

    Ruleset {
        sets = Map.copyOf(sets);
        chains = Map.copyOf(chains);
    }

    /// @param isMap whether each element has a value
    /// @param type as nftables spells it, with flags
    /// @param elements the value of each; an empty one in sets
    record Set(boolean isMap, String type, Map<String, String> elements) {
        Set {
            elements = Map.copyOf(elements);
        }

        private String word() {
            return isMap ? "map" : "set";
        }
    }

    /// @param hook where the kernel calls it; empty for one that others call
    record Chain(String hook, List<String> rules) {
        Chain {
            rules = List.copyOf(rules);
        }
    }

    /// Collects a ruleset. Confined to one thread.
    static final class Builder {
        private final Map<String, Map<String, String>> elements = new LinkedHashMap<>();
        private final Map<String, Set> sets = new TreeMap<>();
        private final Map<String, Chain> chains = new TreeMap<>();

        /// Once declared, a set may be again.
        Builder set(String name, String type) {
            return declare(name, new Set(false, type, Map.of()));
        }

        Builder map(String name, String type) {
            return declare(name, new Set(true, type, Map.of()));
        }

        private Builder declare(String name, Set set) {
            sets.put(name, set);
            elements.computeIfAbsent(name, _ -> new TreeMap<>());
            return this;
        }

        Builder add(String set, String element) {
            return add(set, element, "");
        }

        /// The first that takes a key has it.
        Builder add(String map, String key, String value) {
            elementsOf(map).putIfAbsent(key, value);
            return this;
        }

        private Map<String, String> elementsOf(String set) {
            Map<String, String> known = elements.get(set);
            if (known == null) {
                throw new IllegalStateException("no set " + set);
            }
            return known;
        }

        Builder hooked(String name, String hook, List<String> rules) {
            chains.put(name, new Chain(hook, rules));
            return this;
        }

        Builder chain(String name, List<String> rules) {
            chains.put(name, new Chain("", rules));
            return this;
        }

        boolean has(String chain) {
            return chains.containsKey(chain);
        }

        Ruleset build() {
            var filled = new TreeMap<String, Set>();
            sets.forEach((name, set) -> filled.put(name, new Set(set.isMap(), set.type(), elementsOf(name))));
            return new Ruleset(filled, chains);
        }
    }

    /// One transaction that makes this of nothing, whatever the table held before.
    String whole(String table) {
        return "add table %1$s\ndelete table %1$s\nadd table %1$s\n".formatted(table) + changesFrom(EMPTY, table);
    }

    /// One transaction that makes this of another; empty where nothing differs.
    String changesFrom(Ruleset before, String table) {
        var text = new StringBuilder();
        declare(before, table, text);
        differing(
                chains,
                before.chains,
                (name, chain) -> fill(name, chain, before.chains.containsKey(name), table, text));
        new TreeMap<>(sets).forEach((name, set) -> {
            Set old = before.sets.get(name);
            elements(name, set, old == null || isNew(set, old) ? Map.of() : old.elements(), table, text);
        });
        remove(before, table, text);
        return text.toString();
    }

    /// What others may refer to comes first.
    private void declare(Ruleset before, String table, StringBuilder text) {
        new TreeMap<>(sets).forEach((name, set) -> {
            Set old = before.sets.get(name);
            if (old != null && isNew(set, old)) {
                throw new IllegalStateException("set " + name + ": its type changed");
            }
            if (old == null) {
                text.append("add %s %s %s { %s; }\n".formatted(set.word(), table, name, set.type()));
            }
        });
        new TreeMap<>(chains).forEach((name, chain) -> {
            if (!before.chains.containsKey(name)) {
                String hook = chain.hook().isEmpty() ? "" : " { " + chain.hook() + "; }";
                text.append("add chain %s %s%s\n".formatted(table, name, hook));
            }
        });
    }

    private static boolean isNew(Set set, Set old) {
        return set.isMap() != old.isMap() || !set.type().equals(old.type());
    }

    private static <T> void differing(Map<String, T> now, Map<String, T> before, BiConsumer<String, T> changed) {
        new TreeMap<>(now).forEach((name, value) -> {
            if (!value.equals(before.get(name))) {
                changed.accept(name, value);
            }
        });
    }

    private static void fill(String name, Chain chain, boolean isOld, String table, StringBuilder text) {
        if (isOld) {
            text.append("flush chain %s %s\n".formatted(table, name));
        }
        chain.rules().forEach(rule -> text.append("add rule %s %s %s\n".formatted(table, name, rule)));
    }

    private static void elements(String name, Set set, Map<String, String> old, String table, StringBuilder text) {
        var gone = new ArrayList<String>();
        var come = new ArrayList<String>();
        new TreeMap<>(old).forEach((key, value) -> {
            if (!value.equals(set.elements().get(key))) {
                gone.add(key);
            }
        });
        new TreeMap<>(set.elements()).forEach((key, value) -> {
            if (!value.equals(old.get(key))) {
                come.add(set.isMap() ? key + " : " + value : key);
            }
        });
        write("delete", name, gone, table, text);
        write("add", name, come, table, text);
    }

    private static void write(String verb, String set, List<String> elements, String table, StringBuilder text) {
        if (!elements.isEmpty()) {
            text.append("%s element %s %s { %s }\n".formatted(verb, table, set, String.join(", ", elements)));
        }
    }

    /// All are emptied before any goes, as they may refer to each other.
    private void remove(Ruleset before, String table, StringBuilder text) {
        List<String> goneChains = before.chains.keySet().stream()
                .filter(name -> !chains.containsKey(name))
                .sorted()
                .toList();
        goneChains.forEach(name -> text.append("flush chain %s %s\n".formatted(table, name)));
        goneChains.forEach(name -> text.append("delete chain %s %s\n".formatted(table, name)));
        before.sets.entrySet().stream()
                .filter(entry -> !sets.containsKey(entry.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> text.append(
                        "delete %s %s %s\n".formatted(entry.getValue().word(), table, entry.getKey())));
    }
}
