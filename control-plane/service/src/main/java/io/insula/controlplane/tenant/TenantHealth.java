package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Asks every running tenant every few seconds whether it still works. Each tenant has a virtual thread of its own and
/// each question a deadline, so a tenant that hangs delays nobody; a question that was not answered is not asked again
/// beside itself. One bad answer may be chance on a busy machine: the second in a row counts, a good one at once.
///
/// Thread-safe.
final class TenantHealth implements AutoCloseable {

    private static final int BAD_ANSWERS = 2;
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final Function<String, Optional<Trouble>> probe;
    private final Consumer<String> changed;
    private final Duration pause;
    private final Duration deadline;
    private final Map<String, Watch> watches = new ConcurrentHashMap<>();
    private final ExecutorService questions = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("insula-health-", 0).factory());

    /// @param probe asks one tenant; may hang
    /// @param changed hears of a tenant whose state is another one than before
    TenantHealth(
            Function<String, Optional<Trouble>> probe, Consumer<String> changed, Duration pause, Duration deadline) {
        this.probe = probe;
        this.changed = changed;
        this.pause = pause;
        this.deadline = deadline;
    }

    /// Begins to ask; does nothing where it does already.
    void watch(String tenant) {
        watches.computeIfAbsent(tenant, name -> {
            var watch = new Watch(name);
            Thread.ofVirtual().name("insula-health " + name).start(watch::run);
            return watch;
        });
    }

    void forget(String tenant) {
        Watch watch = watches.remove(tenant);
        if (watch != null) {
            watch.ended.countDown();
        }
    }

    /// What is wrong with it as of the last answers.
    Optional<Trouble> of(String tenant) {
        Watch watch = watches.get(tenant);
        return watch == null ? Optional.empty() : Optional.ofNullable(watch.trouble);
    }

    /// The same, as what a step answers: whoever is watched is looked at again when that changes.
    Optional<Outcome> waitsFor(String tenant) {
        return of(tenant).map(trouble -> new Outcome.RequeueAfter(LOOK, trouble.reason(), trouble.message()));
    }

    @Override
    public void close() {
        watches.keySet().forEach(this::forget);
        questions.shutdownNow();
    }

    private final class Watch {
        private final String tenant;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable Trouble trouble;
        private @Nullable Future<Optional<Trouble>> open;

        private Watch(String tenant) {
            this.tenant = tenant;
        }

        private void run() {
            int bad = 0;
            try {
                do {
                    Trouble now = ask().orElse(null);
                    bad = now == null ? 0 : bad + 1;
                    if (now == null || bad >= BAD_ANSWERS || trouble != null) {
                        become(now);
                    }
                } while (!ended.await(pause.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RejectedExecutionException e) {
                // closed since it looked: nobody hears of it any more
            }
        }

        private void become(@Nullable Trouble now) {
            Trouble before = trouble;
            trouble = now;
            if (before == null ? now != null : !before.equals(now)) {
                changed.accept(tenant);
            }
        }

        private Optional<Trouble> ask() throws InterruptedException {
            Future<Optional<Trouble>> question = open;
            if (question == null) {
                question = questions.submit(() -> probe.apply(tenant));
            }
            try {
                Optional<Trouble> answer = question.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
                open = null;
                return answer;
            } catch (TimeoutException e) {
                open = question;
                return Optional.of(new Trouble(
                        "NotAnswering", "it does not say within " + deadline.toSeconds() + " s whether it works"));
            } catch (ExecutionException e) {
                open = null;
                return Optional.of(new Trouble("NotAnswering", String.valueOf(e.getCause())));
            }
        }
    }
}
