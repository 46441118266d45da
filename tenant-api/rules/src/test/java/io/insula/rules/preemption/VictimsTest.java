package io.insula.rules.preemption;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.rules.preemption.Victims.Budget;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who makes room for a pod. Each node has as much as the pods on it take.
class VictimsTest {

    private record Pod(String name, int priority, int size, String started) {}

    /// @param nodes `NODE: name priority size [hour], …`; all of its pods are of lower priority
    /// @param budgets `name … allowed`
    /// @param size of the pod
    /// @param want `NODE: victims (violations)`, or `nobody`
    record Case(String name, List<String> nodes, List<String> budgets, int size, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        var one = List.of("m: a 1 2, b 1 2, c 5 2");
        var two = List.of("m: a 1 4", "n: b 9 4");
        return Stream.of(
                new Case("the least important", one, List.of(), 2, "m: b (0)"),
                new Case("as many as it takes, the most important first", one, List.of(), 6, "m: c a b (0)"),
                new Case("nobody where it would not do", one, List.of(), 7, "nobody"),
                new Case("nobody where nobody is", List.of("m:"), List.of(), 1, "nobody"),
                new Case("the younger of two", List.of("m: a 1 2 04, b 1 2 03"), List.of(), 2, "m: a (0)"),
                new Case("by name where both began together", List.of("m: b 1 2, a 1 2"), List.of(), 2, "m: b (0)"),
                new Case("whom no budget keeps", one, List.of("a b 0"), 2, "m: c (0)"),
                new Case("whom a budget lets go", one, List.of("a b 2"), 2, "m: b (0)"),
                new Case("a budget lets the more important go", one, List.of("a b 1"), 2, "m: a (0)"),
                new Case("of two budgets the stricter", one, List.of("b 1", "b 0"), 2, "m: a (0)"),
                new Case("whom a budget keeps, if all are kept", one, List.of("a b c 0"), 2, "m: b (1)"),
                new Case("the node with the less important", two, List.of(), 4, "m: a (0)"),
                new Case("the node whose budget is not broken", two, List.of("a 0"), 4, "n: b (0)"),
                new Case(
                        "the less important, where budgets are broken on both",
                        two,
                        List.of("a 0", "b 0"),
                        4,
                        "m: a (1)"),
                new Case(
                        "the highest priority counts before the number",
                        List.of("m: a 1 1, b 1 1, c 1 2", "n: d 2 4"),
                        List.of(),
                        4,
                        "m: a b c (0)"),
                new Case("the fewer", List.of("m: a 5 2, b 5 2", "n: c 5 4"), List.of(), 4, "n: c (0)"),
                new Case(
                        "fewer, of priorities below zero too",
                        List.of("m: a -5 2, b -5 2", "n: c -5 4"),
                        List.of(),
                        4,
                        "n: c (0)"),
                new Case("the node with the younger", List.of("m: a 5 4 03", "n: b 5 4 04"), List.of(), 4, "n: b (0)"),
                new Case(
                        "of the most important the oldest counts",
                        List.of("m: a 5 2 03, b 1 2 01", "n: c 5 2 02, d 1 2 09"),
                        List.of(),
                        4,
                        "m: a b (0)"),
                new Case("by name where all else is alike", List.of("n: a 1 4", "m: b 1 4"), List.of(), 4, "m: b (0)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void choosesAsUpstreamDoes(Case each) {
        var victims = new Victims<>(
                Pod::priority,
                Pod::started,
                Pod::name,
                each.budgets().stream().map(VictimsTest::budget).toList());

        var room = victims.best(each.nodes().stream()
                .flatMap(node -> victims.on(node.substring(0, 1), pods(node), fits(pods(node), each.size())).stream()));

        assertThat(room.map(VictimsTest::text).orElse("nobody")).isEqualTo(each.want());
    }

    /// Who asks about a node that has room already ends nobody.
    @Test
    void endsNobodyWhereThereIsRoom() {
        var victims = new Victims<>(Pod::priority, Pod::started, Pod::name, List.<Budget<Pod>>of());

        assertThat(victims.on("m", pods("m: a 1 2"), _ -> true)).isEmpty();
    }

    private static Predicate<List<Pod>> fits(List<Pod> all, int size) {
        int capacity = all.stream().mapToInt(Pod::size).sum();
        return gone -> all.stream()
                                .filter(pod -> !gone.contains(pod))
                                .mapToInt(Pod::size)
                                .sum()
                        + size
                <= capacity;
    }

    private static List<Pod> pods(String node) {
        String there = node.substring(2).strip();
        return there.isEmpty()
                ? List.of()
                : Arrays.stream(there.split(", ", -1)).map(VictimsTest::pod).toList();
    }

    private static Pod pod(String text) {
        String[] parts = text.split(" ", -1);
        return new Pod(
                parts[0],
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                parts.length > 3 ? "2026-01-01T" + parts[3] + ":00:00Z" : "");
    }

    private static Budget<Pod> budget(String text) {
        List<String> parts = List.of(text.split(" ", -1));
        List<String> counted = parts.subList(0, parts.size() - 1);
        return new Budget<>(pod -> counted.contains(pod.name()), Integer.parseInt(parts.getLast()));
    }

    private static String text(Room<Pod> room) {
        return room.node() + ": " + room.victims().stream().map(Pod::name).collect(Collectors.joining(" ")) + " ("
                + room.violations() + ")";
    }
}
