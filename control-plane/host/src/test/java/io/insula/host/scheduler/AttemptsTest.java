package io.insula.host.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.host.scheduler.Rejection.Cause;
import io.insula.tenantapi.controllers.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// When a pod that no node took is tried again, and which one first.
final class AttemptsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Key POD = new Key("n", "p");

    private final Attempts attempts = new Attempts();

    @Test
    void waitsLongerEachTime() {
        assertThat(attempts.pause(POD, NOW)).isEqualTo(Duration.ZERO);
        var pauses = new ArrayList<Long>();
        for (int i = 0; i < 6; i++) {
            attempts.failed(POD, Set.of(Cause.ROOM), attempts.seen(), NOW);
            pauses.add(attempts.pause(POD, NOW).toSeconds());
        }
        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 10L, 10L);
        assertThat(attempts.pause(POD, NOW.plusSeconds(9))).isEqualTo(Duration.ofSeconds(1));
        assertThat(attempts.pause(POD, NOW.plusSeconds(10))).isEqualTo(Duration.ZERO);

        attempts.forget(POD);
        assertThat(attempts.pause(POD, NOW)).isEqualTo(Duration.ZERO);
    }

    @Test
    void isTriedAgainWhenSomethingChangesThatMayHelp() {
        attempts.failed(POD, Set.of(Cause.ROOM), attempts.seen(), NOW);
        attempts.failed(new Key("n", "q"), Set.of(Cause.VOLUMES, Cause.NODE), attempts.seen(), NOW);

        assertThat(attempts.waitingFor(Set.of(Cause.ROOM, Cause.FAR))).containsExactly(POD);
        assertThat(attempts.waitingFor(Set.of(Cause.NEAR))).isEmpty();
        assertThat(attempts.waitingFor(Set.of(Cause.NODE))).containsExactly(new Key("n", "q"));

        attempts.failed(POD, Set.of(Cause.NEAR), attempts.seen(), NOW);
        assertThat(attempts.waitingFor(Set.of(Cause.ROOM)))
                .as("the last time counts")
                .isEmpty();
    }

    /// Who is being judged is among those that wait only after it.
    @Test
    void missesNothingThatChangesWhileAPodIsJudged() {
        long seen = attempts.seen();
        assertThat(attempts.waitingFor(Set.of(Cause.ROOM))).isEmpty();

        assertThat(attempts.failed(POD, Set.of(Cause.NEAR, Cause.VOLUMES), seen, NOW))
                .as("it would not help")
                .isFalse();
        assertThat(attempts.failed(POD, Set.of(Cause.NEAR, Cause.ROOM), seen, NOW))
                .isTrue();
        assertThat(attempts.failed(POD, Set.of(Cause.ROOM), attempts.seen(), NOW))
                .as("it was seen")
                .isFalse();
    }

    @Test
    void takesTheMostImportantFirst() {
        var order = new ByPriority(key -> Map.of("low", 1, "high", 9).getOrDefault(key.name(), 5));
        for (String name : List.of("low", "one", "high", "two")) {
            order.add(new Key("n", name));
        }

        var taken = new ArrayList<String>();
        for (Key next = order.next(); next != null; next = order.next()) {
            taken.add(next.name());
        }
        assertThat(taken).containsExactly("high", "one", "two", "low");
        order.add(POD);
        order.clear();
        assertThat(order.next()).isNull();
    }

    @Test
    void saysWhatPreemptionCouldDo() {
        assertThat(Messages.none(List.of(
                        Rejection.of("node(s) were unschedulable"),
                        new Rejection(List.of("Insufficient cpu", "Too many pods"), false),
                        Rejection.of("node(s) were unschedulable"))))
                .isEqualTo(
                        "0/3 nodes are available: 1 Insufficient cpu, 1 Too many pods, 2 node(s) were unschedulable.");
        assertThat(Messages.noVictims(3, 1))
                .isEqualTo("preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2"
                        + " Preemption is not helpful for scheduling.");
        assertThat(Messages.notHelpful(2))
                .isEqualTo("preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
    }
}
