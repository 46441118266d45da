package io.insula.tenantapi.cel.library;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The value of a list that the schema calls a set or a map: equal in any order, and merged by `+`. Not to be changed
/// once it is made. Source: kubernetes/apiserver, `pkg/cel/common/values.go`.
public final class UnorderedList extends ArrayList<Object> {

    private static final long serialVersionUID = 1L;

    /// The fields that name an element; empty for a set, whose elements name themselves.
    private final transient List<String> keys;

    public UnorderedList(Collection<?> elements, List<String> keys) {
        super(elements);
        this.keys = List.copyOf(keys);
    }

    /// `this + other`: the elements of this in order, those of the same key replaced by the other's, then the rest.
    public UnorderedList merged(List<?> other) {
        var all = new LinkedHashMap<Object, Object>();
        forEach(element -> all.put(key(element), element));
        other.forEach(element -> all.put(key(element), element));
        return new UnorderedList(all.values(), keys);
    }

    private Object key(Object element) {
        if (keys.isEmpty() || !(element instanceof Map<?, ?> map)) {
            return element;
        }
        var key = new ArrayList<Object>();
        keys.forEach(name -> key.add(map.containsKey(name) ? map.get(name) : List.of()));
        return key;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof List<?> list && Equality.same(this, list);
    }

    @Override
    public int hashCode() {
        return stream().mapToInt(Object::hashCode).sum();
    }
}
