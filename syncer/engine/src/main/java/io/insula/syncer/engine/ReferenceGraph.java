package io.insula.syncer.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Who names what. Thread-safe: guarded by `this`.
///
/// @param <S> who names
/// @param <R> what is named
final class ReferenceGraph<S, R> {

    private final Map<S, Set<R>> named = new HashMap<>();
    private final Map<R, Set<S>> namers = new HashMap<>();

    /// @return what is newly named or no longer named by `source`
    synchronized Set<R> set(S source, Set<R> targets) {
        var before = targets.isEmpty() ? named.remove(source) : named.put(source, Set.copyOf(targets));
        var old = before == null ? Set.<R>of() : before;
        var changed = new HashSet<R>();
        for (var target : old) {
            if (!targets.contains(target)) {
                var left = namers.get(target);
                if (left != null && left.remove(source) && left.isEmpty()) {
                    namers.remove(target);
                }
                changed.add(target);
            }
        }
        for (var target : targets) {
            if (!old.contains(target)) {
                namers.computeIfAbsent(target, _ -> new HashSet<>()).add(source);
                changed.add(target);
            }
        }
        return changed;
    }

    synchronized boolean isNamed(R target) {
        return namers.containsKey(target);
    }
}
