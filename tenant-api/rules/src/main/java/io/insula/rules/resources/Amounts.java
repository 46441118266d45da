package io.insula.rules.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;

/// Quantities by resource name, sorted. Immutable. Source: kubernetes/apiserver, `pkg/quota/v1/resources.go`.
public record Amounts(Map<String, Quantity> byName) {

    public static final Amounts NONE = new Amounts(Map.of());

    public Amounts {
        byName = Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    /// A resource list as objects carry it; what is no quantity is left out.
    public static Amounts of(JsonNode list) {
        var all = new TreeMap<String, Quantity>();
        list.properties()
                .forEach(e ->
                        Quantity.parse(e.getValue().asText("")).ifPresent(quantity -> all.put(e.getKey(), quantity)));
        return new Amounts(all);
    }

    /// The same by name and text.
    public static Amounts ofTexts(Map<String, String> list) {
        var all = new TreeMap<String, Quantity>();
        list.forEach((name, text) -> Quantity.parse(text).ifPresent(quantity -> all.put(name, quantity)));
        return new Amounts(all);
    }

    /// Nothing of each of these.
    public static Amounts zero(Collection<String> names) {
        return new Amounts(names.stream().distinct().collect(Collectors.toMap(name -> name, name -> Quantity.ZERO)));
    }

    public static Amounts of(String name, Quantity amount) {
        return new Amounts(Map.of(name, amount));
    }

    public static Amounts sum(Collection<Amounts> many) {
        var all = new TreeMap<String, Quantity>();
        many.forEach(each -> each.byName.forEach((name, amount) -> all.merge(name, amount, Quantity::plus)));
        return new Amounts(all);
    }

    public Amounts plus(Amounts other) {
        return merged(other, Quantity::plus);
    }

    public Amounts max(Amounts other) {
        return merged(other, (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }

    /// What is left of each, at least nothing.
    public Amounts lessNotBelowZero(Amounts other) {
        var all = new TreeMap<String, Quantity>();
        byName.forEach((name, amount) -> {
            Quantity left = amount.minus(other.get(name));
            all.put(name, left.value().signum() < 0 ? Quantity.ZERO : left);
        });
        return new Amounts(all);
    }

    /// Only these names, as far as they are there.
    public Amounts only(Collection<String> names) {
        var all = new TreeMap<>(byName);
        all.keySet().retainAll(names);
        return new Amounts(all);
    }

    /// Of one resource; nothing where it is not named.
    public Quantity get(String name) {
        return byName.getOrDefault(name, Quantity.ZERO);
    }

    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /// The names of which there is more than nothing.
    public Set<String> positive() {
        var names = new TreeSet<String>();
        byName.forEach((name, amount) -> {
            if (amount.value().signum() > 0) {
                names.add(name);
            }
        });
        return names;
    }

    public boolean isZero() {
        return byName.values().stream().allMatch(amount -> amount.value().signum() == 0);
    }

    /// The names whose amount is greater than the limit set for them.
    public Set<String> beyond(Amounts limits) {
        var exceeded = new TreeSet<String>();
        byName.forEach((name, amount) -> {
            Quantity limit = limits.byName.get(name);
            if (limit != null && amount.compareTo(limit) > 0) {
                exceeded.add(name);
            }
        });
        return exceeded;
    }

    public ObjectNode toTree() {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        byName.forEach((name, amount) -> tree.put(name, amount.toString()));
        return tree;
    }

    /// `cpu=1,pods=2`, as messages have it.
    @Override
    public String toString() {
        return byName.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(","));
    }

    private Amounts merged(Amounts other, BinaryOperator<Quantity> how) {
        var all = new TreeMap<>(byName);
        other.byName.forEach((name, amount) -> all.merge(name, amount, how));
        return new Amounts(all);
    }
}
