package io.insula.tenantapi.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import dev.cel.common.values.SelectableValue;
import io.insula.tenantapi.cel.library.FunctionFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Values that are made when an expression first asks for them, once: a policy's `variables`. Confined to the thread
/// of one evaluation.
@SuppressWarnings("Immutable") // one evaluation's own
public final class LazyVariables extends CelValue implements SelectableValue<String> {

    private final Function<String, Object> make;
    private final Map<String, Object> made = new HashMap<>();
    private final Map<String, String> failed = new HashMap<>();

    /// @param make answers the value of a variable; may throw [CelException]
    public LazyVariables(Function<String, Object> make) {
        this.make = make;
    }

    @Override
    public Object select(String name) {
        String failure = failed.get(name);
        if (failure != null) {
            throw new FunctionFailure(failure);
        }
        Object known = made.get(name);
        if (known != null) {
            return known;
        }
        try {
            Object value = make.apply(name);
            made.put(name, value);
            return value;
        } catch (CelException e) {
            String text = e.isCostExceeded()
                    ? e.text()
                    : "composited variable \"" + name + "\" fails to evaluate: " + e.text();
            failed.put(name, text);
            throw new FunctionFailure(text);
        }
    }

    @Override
    public Optional<Object> find(String name) {
        return Optional.of(select(name));
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return false;
    }

    @Override
    public CelType celType() {
        return SimpleType.DYN;
    }
}
