package io.insula.reconcile;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Which of the waiting names is next. It holds each name once: the loop sees to that. Used under the loop's lock: an
/// order needs none of its own.
public interface Order<K> {

    /// Whether it was taken; a name that it refuses is forgotten.
    boolean add(K key);

    /// Takes the next name out; null when none waits.
    @Nullable
    K next();

    /// Takes all out.
    void clear();

    /// The first that came is next.
    static <K> Order<K> firstCome() {
        return new Order<>() {
            private final Deque<K> waiting = new ArrayDeque<>();

            @Override
            public boolean add(K key) {
                return waiting.add(key);
            }

            @Override
            public @Nullable K next() {
                return waiting.poll();
            }

            @Override
            public void clear() {
                waiting.clear();
            }
        };
    }
}
