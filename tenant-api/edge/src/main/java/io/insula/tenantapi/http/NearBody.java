package io.insula.tenantapi.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The body of an answer to a [NearPeer]: chunks wait here until they are asked for. Thread-safe: guarded by itself,
/// and whoever reads is called without it.
public final class NearBody implements ResponseStream.Wire {

    /// Reads a body. Each call follows one of [NearBody#next], and may block.
    public interface Reader {

        /// @param chunks one after the other, at least one
        void read(List<byte[]> chunks);

        /// @param whole false where something is missing
        void ended(boolean whole);
    }

    private enum State {
        OPEN,
        ENDED,
        CUT
    }

    private record Waiting(byte[] chunk, Consumer<Boolean> left) {}

    private final Executor executor;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private Runnable gone = () -> {};
    private Runnable over = () -> {};
    private State state = State.OPEN;
    private @Nullable Reader reader;

    NearBody(Executor executor) {
        this.executor = executor;
    }

    /// One that is there already.
    static NearBody of(byte[] whole, Executor executor) {
        var body = new NearBody(executor);
        if (whole.length > 0) {
            body.waiting.add(new Waiting(whole, _ -> {}));
        }
        body.state = State.ENDED;
        return body;
    }

    /// Before anybody reads.
    ///
    /// @param gone hears that nobody reads any more
    /// @param over hears that the end was read, or that nobody will
    synchronized void onLeft(Runnable gone, Runnable over) {
        this.gone = gone;
        this.over = over;
    }

    @Override
    public void send(byte[] chunk, Consumer<Boolean> left) {
        synchronized (this) {
            waiting.add(new Waiting(chunk, left));
        }
        deliver();
    }

    @Override
    public void end() {
        endAs(State.ENDED);
    }

    @Override
    public void cut() {
        endAs(State.CUT);
    }

    /// What comes next goes to `next`, once there is something. One at a time.
    public void next(Reader next) {
        synchronized (this) {
            reader = next;
        }
        deliver();
    }

    /// Nobody reads any more. Idempotent.
    public void cancel() {
        Runnable hears;
        List<Waiting> unread;
        synchronized (this) {
            reader = null;
            state = State.CUT;
            unread = List.copyOf(waiting);
            waiting.clear();
            hears = gone;
        }
        unread.forEach(each -> each.left().accept(true));
        hears.run();
        over();
    }

    private void endAs(State end) {
        synchronized (this) {
            if (state == State.OPEN) {
                state = end;
            }
        }
        deliver();
    }

    /// Never on the caller's thread, which may hold locks.
    private void deliver() {
        Runnable work;
        synchronized (this) {
            Reader reads = reader;
            if (reads == null || (waiting.isEmpty() && state == State.OPEN)) {
                return;
            }
            reader = null;
            if (waiting.isEmpty()) {
                boolean whole = state == State.ENDED;
                work = () -> {
                    over();
                    reads.ended(whole);
                };
            } else {
                List<Waiting> taken = List.copyOf(waiting);
                waiting.clear();
                work = () -> read(reads, taken);
            }
        }
        try {
            executor.execute(work);
        } catch (RejectedExecutionException e) {
            // the server has ended: its threads have, the reader has not
            Thread.ofVirtual().name("http-near-ended").start(work);
        }
    }

    private static void read(Reader reads, List<Waiting> taken) {
        var chunks = new ArrayList<byte[]>(taken.size());
        for (Waiting each : taken) {
            chunks.add(each.chunk());
            each.left().accept(true);
        }
        reads.read(chunks);
    }

    private void over() {
        Runnable hears;
        synchronized (this) {
            hears = over;
        }
        hears.run();
    }
}
