package io.insula.tenantapi.cel.library;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// A list of the data; see [FrozenMap] for why it is a [CelValue]. Where the schema calls it a set or a map, it is
/// equal to others in any order, and merged by `+`. Immutable. Source: kubernetes/apiserver,
/// `pkg/cel/common/values.go`.
@SuppressWarnings("Immutable") // what it holds is never changed
public final class FrozenList extends CelValue implements List<Object>, RandomAccess {

    private static final CelType TYPE = ListType.create(SimpleType.DYN);

    private final List<Object> list;
    private final boolean unordered;
    private final List<String> keys;

    private FrozenList(List<?> list, boolean unordered, List<String> keys) {
        this.list = Collections.unmodifiableList(list);
        this.unordered = unordered;
        this.keys = List.copyOf(keys);
    }

    /// @param list not to be changed later
    public static FrozenList ordered(List<?> list) {
        return new FrozenList(list, false, List.of());
    }

    /// @param keys the fields that name an element; empty for a set, whose elements name themselves
    public static FrozenList unordered(List<?> list, List<String> keys) {
        return new FrozenList(list, true, keys);
    }

    public boolean isUnordered() {
        return unordered;
    }

    /// `this + other` of a set or map: the elements of this in order, those of the same key replaced by the other's,
    /// then the rest.
    public FrozenList merged(List<?> other) {
        var all = new LinkedHashMap<Object, Object>();
        list.forEach(element -> all.put(key(element), element));
        other.forEach(element -> all.put(key(element), element));
        return unordered(new ArrayList<>(all.values()), keys);
    }

    private Object key(Object element) {
        if (keys.isEmpty() || !(element instanceof Map<?, ?> map)) {
            return element;
        }
        var key = new ArrayList<Object>();
        for (String name : keys) {
            Object part = map.get(name);
            key.add(part == null ? List.of() : part);
        }
        return key;
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return list.isEmpty();
    }

    @Override
    public CelType celType() {
        return TYPE;
    }

    @Override
    public int size() {
        return list.size();
    }

    @Override
    public boolean isEmpty() {
        return list.isEmpty();
    }

    @Override
    public boolean contains(Object element) {
        return list.contains(element);
    }

    @Override
    public Iterator<Object> iterator() {
        return list.iterator();
    }

    @Override
    public Object[] toArray() {
        return list.toArray();
    }

    @Override
    public <T> T[] toArray(T[] array) {
        return list.toArray(array);
    }

    @Override
    public boolean add(Object element) {
        return list.add(element);
    }

    @Override
    public boolean remove(Object element) {
        return list.remove(element);
    }

    @Override
    public boolean containsAll(Collection<?> elements) {
        return list.containsAll(elements);
    }

    @Override
    public boolean addAll(Collection<? extends Object> elements) {
        return list.addAll(elements);
    }

    @Override
    public boolean addAll(int index, Collection<? extends Object> elements) {
        return list.addAll(index, elements);
    }

    @Override
    public boolean removeAll(Collection<?> elements) {
        return list.removeAll(elements);
    }

    @Override
    public boolean retainAll(Collection<?> elements) {
        return list.retainAll(elements);
    }

    @Override
    public void clear() {
        list.clear();
    }

    @Override
    public Object get(int index) {
        return list.get(index);
    }

    @Override
    public Object set(int index, Object element) {
        return list.set(index, element);
    }

    @Override
    public void add(int index, Object element) {
        list.add(index, element);
    }

    @Override
    public Object remove(int index) {
        return list.remove(index);
    }

    @Override
    public int indexOf(Object element) {
        return list.indexOf(element);
    }

    @Override
    public int lastIndexOf(Object element) {
        return list.lastIndexOf(element);
    }

    @Override
    public ListIterator<Object> listIterator() {
        return list.listIterator();
    }

    @Override
    public ListIterator<Object> listIterator(int index) {
        return list.listIterator(index);
    }

    @Override
    public List<Object> subList(int from, int to) {
        return list.subList(from, to);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof List<?> && Equality.same(this, other);
    }

    @Override
    public int hashCode() {
        return unordered ? list.stream().mapToInt(Object::hashCode).sum() : list.hashCode();
    }

    @Override
    public String toString() {
        return list.toString();
    }
}
