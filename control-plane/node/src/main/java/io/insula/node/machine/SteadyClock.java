package io.insula.node.machine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// Time that goes on evenly, whatever anybody sets the machine's clock to: what waits here for a while, or counts for a
/// while, does so for that while. Its instants are those of the machine's clock at first; they are compared with each
/// other only, never with what others say. Immutable.
public final class SteadyClock implements InstantSource {

    private static final SteadyClock OF_THIS_PROCESS = new SteadyClock(InstantSource.system(), System::nanoTime);

    private final Instant begin;
    private final long beginNanos;
    private final LongSupplier nanos;

    SteadyClock(InstantSource wall, LongSupplier nanos) {
        this.begin = wall.instant();
        this.beginNanos = nanos.getAsLong();
        this.nanos = nanos;
    }

    public static SteadyClock ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    public static Instant now() {
        return OF_THIS_PROCESS.instant();
    }

    @Override
    public Instant instant() {
        return begin.plusNanos(nanos.getAsLong() - beginNanos);
    }
}
