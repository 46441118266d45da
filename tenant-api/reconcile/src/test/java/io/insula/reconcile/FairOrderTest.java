package io.insula.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class FairOrderTest {

    private final FairOrder<String, Character> order = new FairOrder<>(key -> key.charAt(0));

    @Test
    void servesAQuietLaneInItsTurnDuringAStorm() {
        order.open('s', 1);
        order.open('q', 1);
        IntStream.range(0, 10_000).forEach(i -> order.add("s" + i));
        order.add("q0");

        assertThat(next(3)).contains("q0");
    }

    @Test
    void sharesByWeight() {
        order.open('s', 3);
        order.open('q', 1);
        IntStream.range(0, 100).forEach(i -> order.add("s" + i));
        IntStream.range(0, 100).forEach(i -> order.add("q" + i));

        assertThat(next(40)).filteredOn(key -> key.startsWith("s")).hasSize(30);
    }

    @Test
    void refusesWhatHasNoLane() {
        order.open('s', 1);
        order.add("s0");
        order.drop('s');

        assertThat(order.add("s1")).isFalse();
        assertThat(order.next()).isNull();
        assertThat(order.depth('s')).isZero();
        assertThatThrownBy(() -> order.open('s', 0)).hasMessage("weight: 0 (expected: >= 1)");
    }

    @Test
    void givesAnotherWeightFromTheNextTurnOn() {
        order.open('a', 1);
        order.open('b', 1);
        for (int i = 0; i < 4; i++) {
            order.add("a" + i);
            order.add("b" + i);
        }
        order.reweigh('a', 3);
        order.reweigh('z', 3);

        assertThat(next(6)).containsExactly("a0", "b0", "a1", "a2", "a3", "b1");
        assertThat(order.add("z")).isFalse();
        assertThatThrownBy(() -> order.reweigh('a', 0)).hasMessage("weight: 0 (expected: >= 1)");
    }

    private List<String> next(int count) {
        return Stream.generate(order::next)
                .limit(count)
                .map(Objects::requireNonNull)
                .toList();
    }
}
