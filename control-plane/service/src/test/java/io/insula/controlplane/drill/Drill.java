package io.insula.controlplane.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.tenant.TenantController;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The services of one place, one after the other, and what strikes them. Confined to one thread.
final class Drill {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int UNKNOWN = 30;
    private static final int REMEMBERED = 12;

    private final Place place;
    private final Random random;
    private final int limit;
    private final Supplier<String> writes;
    private final Map<Chore, Integer> deeds = new EnumMap<>(Chore.class);
    private final Map<Chore, Integer> struck = new EnumMap<>(Chore.class);
    private final Deque<String> history = new ArrayDeque<>();
    private Life life;
    private @Nullable Strike next;
    private volatile boolean missed;
    private Chore armedFor = Chore.BEGIN;
    private String tenant = "";
    private int kills;

    /// @param limit after so many kills nothing is killed any more
    /// @param writes how they are going, for people
    Drill(Place place, Random random, int limit, Supplier<String> writes) {
        this.writes = writes;
        this.place = place;
        this.random = random;
        this.limit = limit;
        this.life = new Life(place);
    }

    int kills() {
        return kills;
    }

    boolean isOver() {
        return kills >= limit;
    }

    /// How often each chore was struck.
    Map<Chore, Integer> struck() {
        return struck;
    }

    /// From now on what happens is a part of this.
    ///
    /// @param isWritten whether the tenant is being written to meanwhile
    void begin(Chore now, String subject, boolean isWritten) {
        tenant = subject;
        remember(now + " " + subject);
        place.topic().away(false);
        arm(now, isWritten);
    }

    private void arm(Chore about, boolean isWritten) {
        if (isOver()) {
            next = null;
            life.mortal().spare();
            return;
        }
        Strike strike = Strike.draw(random, deeds.getOrDefault(about, UNKNOWN), isWritten);
        next = strike;
        armedFor = about;
        missed = false;
        Life subject = life;
        Runnable blow = () -> hit(subject, strike);
        if (strike.atRecord()) {
            subject.mortal().strikeAtRecord(strike.nth(), blow);
        } else {
            subject.mortal().strikeAtDeed(strike.nth(), blow);
        }
    }

    /// On the thread of whoever is struck: quick, and without this drill's own state.
    private void hit(Life subject, Strike strike) {
        switch (strike.victim()) {
            case SERVICE -> subject.mortal().die();
            case ETCD -> missed = !place.killEtcds(tenant);
            case EVERYTHING -> {
                subject.mortal().die();
                place.killEtcds(tenant);
            }
            case KAFKA -> place.topic().away(true);
        }
    }

    /// Waits until a chore is done, whatever is killed meanwhile, and at its end at the latest.
    void until(String what, BooleanSupplier done) {
        await(what, done);
        if (next != null) {
            Mortal mortal = life.mortal();
            if (!mortal.hasStruck()) {
                deeds.put(armedFor, Math.max(1, mortal.deeds()));
                mortal.strikeNow();
            }
            settleStrike();
            await(what, done);
        }
    }

    private void await(String what, BooleanSupplier done) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            if (next != null && life.mortal().hasStruck()) {
                settleStrike();
                deadline = System.nanoTime() + PATIENCE.toNanos();
            }
            if (done.getAsBoolean()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("stuck: " + what + "; " + describe());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(40));
        }
    }

    private void settleStrike() {
        Strike strike = next;
        next = null;
        if (strike == null || missed) {
            return;
        }
        kills++;
        struck.merge(armedFor, 1, Integer::sum);
        remember("kill " + kills + ": " + strike + ", before: " + life.mortal().last());
        if (strike.endsTheService()) {
            life.bury();
            life = new Life(place);
            if (random.nextInt(3) == 0) {
                arm(Chore.BEGIN, false);
            }
        }
    }

    /// What a service answers, whichever lives long enough for it.
    <T> T ask(String what, Function<TenantController, T> question) {
        long deadline = System.nanoTime() + PATIENCE.multipliedBy(2).toNanos();
        Throwable last = null;
        while (true) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("refused again and again: " + what + "; " + describe(), last);
            }
            Life asked = life;
            var answer = new CompletableFuture<T>();
            Thread.ofVirtual().name("drill-question").start(() -> {
                try {
                    answer.complete(question.apply(asked.controller()));
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
            await(what, () -> answer.isDone() || asked != life);
            if (answer.isDone() && !answer.isCompletedExceptionally()) {
                return answer.join();
            }
            last = answer.isDone() ? answer.exceptionNow() : last;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    /// What a tenant's API server answers, which may not be there at the moment.
    <T> T retried(String what, Supplier<T> question) {
        var answers = new ArrayList<T>();
        await(what, () -> {
            try {
                return answers.add(question.get());
            } catch (KubernetesClientException e) {
                return false;
            }
        });
        return answers.getFirst();
    }

    /// Has the service that lives now do something, once; what comes of it is nobody's promise if that is struck.
    ///
    /// @return null where it was
    <T> @Nullable T once(String what, Function<TenantController, T> work) {
        Life asked = life;
        int before = kills;
        var answer = new CompletableFuture<T>();
        Thread.ofVirtual().name("drill-work").start(() -> {
            try {
                answer.complete(work.apply(asked.controller()));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        until(what, () -> answer.isDone() || asked != life);
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            return answer.join();
        }
        if (kills == before) {
            throw new AssertionError(what + " failed though nothing was killed; " + describe(), answer.exceptionNow());
        }
        return null;
    }

    /// From memory.
    TenantController now() {
        return life.controller();
    }

    private void remember(String what) {
        history.addLast(what);
        if (history.size() > REMEMBERED) {
            history.removeFirst();
        }
    }

    /// For people who must find out what went wrong.
    String describe() {
        return "the last of it: " + history + "; writes: " + writes.get() + "; the host has: "
                + place.tenant(tenant).map(String::valueOf).orElse("no tenant " + tenant) + "; stuck: "
                + life.controller().stuck() + "; left: " + place.leftOf(tenant);
    }

    /// Ends as a service does that is stopped.
    void close() {
        life.end();
        assertThat(place.etcds(tenant)).isEmpty();
        assertThat(place.exposedKeys()).isEmpty();
    }
}
