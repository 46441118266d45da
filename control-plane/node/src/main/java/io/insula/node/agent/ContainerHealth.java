package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.insula.node.probe.ProbeResult;
import io.insula.node.probe.Probing;
import io.insula.node.runtime.ContainerId;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What the probes of one running container say. Thread-safe; one virtual thread asks, ended by [#close].
final class ContainerHealth implements AutoCloseable {

    private static final int DEFAULT_FAILURES = 3;
    private static final Duration DEFAULT_PERIOD = Duration.ofSeconds(10);

    private final Container spec;
    private final ContainerId id;
    private final String address;
    private final Probing probing;
    private final Runnable changed;
    private final BiConsumer<String, ProbeResult> told;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean started;
    private volatile boolean ready;
    private volatile boolean dead;

    /// @param told hears what each probe found, with its name
    ContainerHealth(
            Container spec,
            ContainerId id,
            String address,
            Probing probing,
            Runnable changed,
            BiConsumer<String, ProbeResult> told) {
        this.spec = spec;
        this.id = id;
        this.address = address;
        this.probing = probing;
        this.changed = changed;
        this.told = told;
        this.started = spec.getStartupProbe() == null;
        this.ready = started && spec.getReadinessProbe() == null;
        if (spec.getStartupProbe() != null || spec.getReadinessProbe() != null || spec.getLivenessProbe() != null) {
            Thread.ofVirtual().name("insula-probe " + spec.getName()).start(this::ask);
        }
    }

    ContainerId id() {
        return id;
    }

    boolean isStarted() {
        return started;
    }

    boolean isReady() {
        return ready;
    }

    /// Whether its startup or liveness probe has given it up.
    boolean isDead() {
        return dead;
    }

    private void ask() {
        try {
            if (spec.getStartupProbe() != null && !untilStarted(spec.getStartupProbe())) {
                return;
            }
            started = true;
            ready = spec.getReadinessProbe() == null;
            changed.run();
            if (spec.getReadinessProbe() != null) {
                Thread.ofVirtual()
                        .name("insula-readiness " + spec.getName())
                        .start(() -> follow("Readiness", spec.getReadinessProbe()));
            }
            if (spec.getLivenessProbe() != null) {
                follow("Liveness", spec.getLivenessProbe());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean untilStarted(Probe probe) throws InterruptedException {
        int failures = 0;
        if (isClosing(initialDelay(probe))) {
            return false;
        }
        while (true) {
            ProbeResult result = probing.ask(probe, spec, id, address);
            if (closing.getCount() == 0) {
                return false;
            }
            told.accept("Startup", result);
            if (result instanceof ProbeResult.Success) {
                return true;
            }
            failures += result instanceof ProbeResult.Failure ? 1 : 0;
            if (failures >= threshold(probe.getFailureThreshold(), DEFAULT_FAILURES)) {
                dead = true;
                changed.run();
                return false;
            }
            if (isClosing(period(probe))) {
                return false;
            }
        }
    }

    private void follow(String name, Probe probe) {
        int failures = 0;
        int successes = 0;
        try {
            if (isClosing(initialDelay(probe))) {
                return;
            }
            do {
                ProbeResult result = probing.ask(probe, spec, id, address);
                if (closing.getCount() == 0) {
                    return;
                }
                told.accept(name, result);
                switch (result) {
                    case ProbeResult.Success _ -> {
                        failures = 0;
                        successes++;
                    }
                    case ProbeResult.Failure _ -> {
                        successes = 0;
                        failures++;
                    }
                    case ProbeResult.Unknown _ -> {}
                }
                boolean failed = failures >= threshold(probe.getFailureThreshold(), DEFAULT_FAILURES);
                boolean held = successes >= threshold(probe.getSuccessThreshold(), 1);
                if (name.equals("Liveness") && failed) {
                    dead = true;
                    changed.run();
                    return;
                }
                if (name.equals("Readiness") && ((failed && ready) || (held && !ready))) {
                    ready = held;
                    changed.run();
                }
            } while (!isClosing(period(probe)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing(Duration pause) throws InterruptedException {
        return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Duration initialDelay(Probe probe) {
        return Duration.ofSeconds(probe.getInitialDelaySeconds() == null ? 0 : probe.getInitialDelaySeconds());
    }

    private static Duration period(Probe probe) {
        return probe.getPeriodSeconds() == null ? DEFAULT_PERIOD : Duration.ofSeconds(probe.getPeriodSeconds());
    }

    private static int threshold(@Nullable Integer wanted, int otherwise) {
        return wanted == null || wanted == 0 ? otherwise : wanted;
    }

    @Override
    public void close() {
        closing.countDown();
        ready = false;
    }
}
