package io.insula.node.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SteadyClockTest {

    /// Back and forth by years: what is waited for comes neither sooner nor later.
    @Test
    void goesOnEvenlyWhateverTheMachinesClockIsSetTo() {
        Instant begin = Instant.parse("2026-01-01T00:00:00Z");
        var wall = new AtomicReference<>(begin);
        var nanos = new AtomicLong(-7);
        var clock = new SteadyClock(wall::get, nanos::get);

        wall.set(Instant.parse("1999-01-01T00:00:00Z"));
        nanos.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(clock.instant()).isEqualTo(begin.plus(Duration.ofSeconds(3)));
        wall.set(Instant.parse("2042-01-01T00:00:00Z"));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(clock.instant()).isEqualTo(begin.plus(Duration.ofSeconds(5)));
    }
}
