package io.insula.rules.preemption;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// Who goes so that a pod has room: as few as will do, and of what disruption budgets keep as little as can be.
/// Immutable.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/defaultpreemption` and `pkg/scheduler/framework/preemption`.
///
/// @param <P> a pod, as whoever asks has it; two that are equal are one
/// @param priority of a pod
/// @param started when a pod began, as Kubernetes writes times (RFC 3339, UTC); empty where nobody says so
/// @param name of a pod
/// @param budgets all that may count one of them
public record Victims<P>(
        ToIntFunction<P> priority, Function<P, String> started, Function<P, String> name, List<Budget<P>> budgets) {

    /// A disruption budget.
    ///
    /// @param counted whether it counts a pod
    /// @param allowed how many of those it lets go now
    public record Budget<P>(Predicate<P> counted, int allowed) {}

    public Victims {
        budgets = List.copyOf(budgets);
    }

    /// Room on one node; empty where nobody's going would help.
    ///
    /// @param lower all pods of lower priority that are there
    /// @param fitsWithout whether there is room when these have gone, which are some of `lower`
    public Optional<Room<P>> on(String node, List<P> lower, Predicate<List<P>> fitsWithout) {
        var gone = new ArrayList<>(lower);
        if (gone.isEmpty() || !fitsWithout.test(gone)) {
            return Optional.empty();
        }
        List<P> kept = kept(lower);
        for (P each : whoComesBackFirst(lower, kept)) {
            gone.remove(each);
            if (!fitsWithout.test(gone)) {
                gone.add(each);
            }
        }
        gone.sort(importance());
        return gone.isEmpty()
                ? Optional.empty()
                : Optional.of(new Room<>(
                        node, gone, (int) gone.stream().filter(kept::contains).count()));
    }

    /// The one that upstream takes.
    public Optional<Room<P>> best(Stream<Room<P>> rooms) {
        return rooms.min(better());
    }

    private List<P> whoComesBackFirst(List<P> pods, List<P> kept) {
        return pods.stream()
                .sorted(Comparator.<P, Boolean>comparing(pod -> !kept.contains(pod))
                        .thenComparing(importance()))
                .toList();
    }

    /// Those that a budget does not let go: each lets go the most important first.
    private List<P> kept(List<P> pods) {
        int[] left = budgets.stream().mapToInt(Budget::allowed).toArray();
        var kept = new ArrayList<P>();
        for (P pod : pods.stream().sorted(importance()).toList()) {
            boolean isKept = false;
            for (int i = 0; i < left.length; i++) {
                if (budgets.get(i).counted().test(pod)) {
                    left[i]--;
                    isKept |= left[i] < 0;
                }
            }
            if (isKept) {
                kept.add(pod);
            }
        }
        return kept;
    }

    /// The most important first: of higher priority, then older.
    private Comparator<P> importance() {
        return Comparator.comparingInt(priority)
                .reversed()
                .thenComparing(started)
                .thenComparing(name);
    }

    /// What upstream compares, in this order.
    private Comparator<Room<P>> better() {
        return Comparator.<Room<P>>comparingInt(Room::violations)
                .thenComparingInt(this::highest)
                .thenComparingLong(this::sum)
                .thenComparingInt(room -> room.victims().size())
                .thenComparing(this::oldest, Comparator.reverseOrder())
                .thenComparing(Room::node);
    }

    private int highest(Room<P> room) {
        return priority.applyAsInt(room.victims().getFirst());
    }

    /// Of priorities, each above the least that there is: more victims weigh more.
    private long sum(Room<P> room) {
        return room.victims().stream()
                .mapToLong(pod -> priority.applyAsInt(pod) - (long) Integer.MIN_VALUE)
                .sum();
    }

    /// When the oldest of the most important victims began.
    private String oldest(Room<P> room) {
        int highest = highest(room);
        return room.victims().stream()
                .filter(pod -> priority.applyAsInt(pod) == highest)
                .map(started)
                .min(Comparator.naturalOrder())
                .orElse("");
    }
}
