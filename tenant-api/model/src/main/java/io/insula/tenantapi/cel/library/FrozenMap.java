package io.insula.tenantapi.cel.library;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A map or object of the data. It is a [CelValue] because the runtime walks through all of any other map at every
/// selection from it, which no cost limit would know of. Immutable.
@SuppressWarnings("Immutable") // what it holds is never changed
public final class FrozenMap extends CelValue implements Map<Object, Object> {

    private static final CelType TYPE = MapType.create(SimpleType.DYN, SimpleType.DYN);

    private final Map<Object, Object> map;

    /// @param map not to be changed later
    public FrozenMap(Map<?, ?> map) {
        this.map = Collections.unmodifiableMap(map);
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return map.isEmpty();
    }

    @Override
    public CelType celType() {
        return TYPE;
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public boolean isEmpty() {
        return map.isEmpty();
    }

    @Override
    public boolean containsKey(Object key) {
        return map.containsKey(key);
    }

    @Override
    public boolean containsValue(Object value) {
        return map.containsValue(value);
    }

    @Override
    public @Nullable Object get(Object key) {
        return map.get(key);
    }

    @Override
    public @Nullable Object put(Object key, Object value) {
        return map.put(key, value);
    }

    @Override
    public @Nullable Object remove(Object key) {
        return map.remove(key);
    }

    @Override
    public void putAll(Map<? extends Object, ? extends Object> other) {
        map.putAll(other);
    }

    @Override
    public void clear() {
        map.clear();
    }

    @Override
    public Set<Object> keySet() {
        return map.keySet();
    }

    @Override
    public Collection<Object> values() {
        return map.values();
    }

    @Override
    public Set<Entry<Object, Object>> entrySet() {
        return map.entrySet();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Map<?, ?> && Equality.same(this, other);
    }

    @Override
    public int hashCode() {
        return map.hashCode();
    }

    @Override
    public String toString() {
        return map.toString();
    }
}
