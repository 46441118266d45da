package io.insula.controlplane.service;

import io.insula.controlplane.home.HomeException;
import io.insula.process.ChildException;
import io.insula.reconcile.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The steps of a start. A step that fails is tried again, with growing pauses, until it succeeds or the service is
/// told to stop: a slow machine or a host that is away ends no start. What is awaited, and why, can be asked at any
/// time and is told to whoever waits. Three things do end a start, for they need a person and no time heals them:
/// a home that cannot be used ([HomeException]), a child process that ended by itself several times over, and a fault
/// of our own that happens each time (a program's error, a file that was not packaged).
///
/// Thread-safe: guarded by `this`; each step runs on its caller's thread.
final class StartSteps {

    private static final Logger LOG = LoggerFactory.getLogger(StartSteps.class);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    private static final Duration TELL_AGAIN = Duration.ofSeconds(15);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int DEATHS_OF_A_CHILD = 3;
    private static final int FAULTS_IN_A_ROW = 3;

    private final Consumer<String> progress;
    private final InstantSource clock;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Map<String, Awaited> awaited = new LinkedHashMap<>();
    private Instant toldAt;

    /// @param why what the last attempt failed with, or what is missing; empty while the first one is under way
    record Awaited(String what, Instant since, String why) {}

    /// The service was told to stop before the step was done.
    static final class StoppedException extends RuntimeException {
        StoppedException(String step) {
            super(step + ": stopped while starting");
        }
    }

    /// @param progress hears one line per step that is done, and, now and then, what is awaited
    StartSteps(Consumer<String> progress, InstantSource clock) {
        this.progress = progress;
        this.clock = clock;
        this.toldAt = clock.instant();
        Thread.ofVirtual().name("insula-start-progress").start(this::tellNowAndThen);
    }

    /// Does `work`, as often as it takes.
    ///
    /// @throws HomeException when a person must act
    /// @throws ChildException when a child process ended by itself several times
    /// @throws RuntimeException when the program itself failed several times in a row
    /// @throws StoppedException when the service is told to stop
    <T> T run(String name, Supplier<T> work) {
        Instant begin = clock.instant();
        await(name, "");
        var pauses = RETRY.row();
        int deaths = 0;
        int faults = 0;
        while (true) {
            Duration pause = pauses.next();
            try {
                T done = work.get();
                finish(name, begin);
                return done;
            } catch (RuntimeException e) {
                RuntimeException failure = unwrapped(e);
                deaths += failure instanceof ChildException child && child.isEnded() ? 1 : 0;
                faults = isOurs(failure) ? faults + 1 : 0;
                if (isStopping(Duration.ZERO)) {
                    throw new StoppedException(name);
                }
                if (failure instanceof HomeException || deaths >= DEATHS_OF_A_CHILD || faults >= FAULTS_IN_A_ROW) {
                    throw failure;
                }
                failed(name, failure, pause);
            }
            if (isStopping(pause)) {
                throw new StoppedException(name);
            }
        }
    }

    void run(String name, Runnable work) {
        var _ = run(name, () -> {
            work.run();
            return true;
        });
    }

    /// Waits until nothing is missing any more.
    ///
    /// @param missing says what is; empty when all is there
    void until(String name, Supplier<String> missing) {
        Instant begin = clock.instant();
        while (true) {
            String why = missing.get();
            if (why.isEmpty()) {
                finish(name, begin);
                return;
            }
            await(name, why);
            if (isStopping(LOOK)) {
                throw new StoppedException(name);
            }
        }
    }

    /// Tells whoever waits.
    void say(String line) {
        tell(line);
    }

    synchronized List<Awaited> awaited() {
        return List.copyOf(awaited.values());
    }

    /// For people: `host etcd (12 s): why; Kafka (3 s)`. Empty when nothing is awaited.
    String describe() {
        var all = new ArrayList<String>();
        for (Awaited each : awaited()) {
            long seconds = Duration.between(each.since(), clock.instant()).toSeconds();
            all.add(each.what() + " (" + seconds + " s)" + (each.why().isEmpty() ? "" : ": " + each.why()));
        }
        return String.join("; ", all);
    }

    /// Ends what waits. Idempotent.
    void stop() {
        stopping.countDown();
    }

    private synchronized void await(String name, String why) {
        Awaited known = awaited.get(name);
        awaited.put(name, new Awaited(name, known == null ? clock.instant() : known.since(), why));
    }

    private void failed(String name, RuntimeException failure, Duration pause) {
        String why = reason(failure);
        boolean isNews;
        synchronized (this) {
            Awaited known = awaited.get(name);
            isNews = known == null || !known.why().equals(why);
        }
        await(name, why);
        LOG.atWarn()
                .addKeyValue("step", name)
                .addKeyValue("retryIn", pause)
                .setCause(failure)
                .log("step of the start failed; it is tried again");
        if (isNews) {
            tell(String.format(Locale.ROOT, "%-32s not yet: %s; trying again", name, why));
        }
    }

    private void finish(String name, Instant begin) {
        synchronized (this) {
            awaited.remove(name);
        }
        double seconds = Duration.between(begin, clock.instant()).toMillis() / 1000.0;
        tell(String.format(Locale.ROOT, "%-32s ready %6.1f s", name, seconds));
    }

    private synchronized void tell(String line) {
        toldAt = clock.instant();
        progress.accept(line);
    }

    private void tellNowAndThen() {
        while (!isStopping(Duration.ofSeconds(1))) {
            String waitsFor = describe();
            synchronized (this) {
                if (!waitsFor.isEmpty() && clock.instant().isAfter(toldAt.plus(TELL_AGAIN))) {
                    tell("still waiting for " + waitsFor);
                }
            }
        }
    }

    private boolean isStopping(Duration patience) {
        try {
            return stopping.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /// Of the program, not of what it talks to.
    private static boolean isOurs(RuntimeException failure) {
        return failure instanceof NullPointerException
                || failure instanceof ClassCastException
                || failure instanceof IndexOutOfBoundsException
                || failure instanceof UnsupportedOperationException
                || failure instanceof ArithmeticException
                || failure instanceof MissingResourceException;
    }

    private static RuntimeException unwrapped(RuntimeException e) {
        return e instanceof CompletionException && e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    /// One line: the failure's own words and those of what is at the bottom of it.
    static String reason(RuntimeException failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String own = String.valueOf(failure.getMessage());
        String told = failure.getCause() == null || own.contains(String.valueOf(root.getMessage()))
                ? own
                : own + " (" + root.getMessage() + ")";
        return told.replace('\n', ' ').strip();
    }
}
