package io.insula.controlplane.drill;

import io.insula.controlplane.audit.TestTopic;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;

/// One life of a service. It ends in the middle of something; whoever would do more in it, or look at the world, waits
/// for ever from then on: as in a process that was killed, no `catch` and no `finally` runs. Thread-safe: guarded by
/// itself.
final class Mortal {

    private static final int NEVER = Integer.MAX_VALUE;
    private static final Pattern SHARED = Pattern.compile("tenant-api-(timers|io)|ForkJoinPool\\.commonPool");

    private final CountDownLatch never = new CountDownLatch(1);
    private final ReadWriteLock writing = new ReentrantReadWriteLock();
    private Runnable strike = () -> {};
    private int deedsLeft = NEVER;
    private int recordsLeft = NEVER;
    private int deeds;
    private volatile boolean struck;
    private volatile boolean dead;
    private volatile String last = "nothing";

    /// Strikes at the nth thing from now on that this life does to the host, to files or to processes.
    ///
    /// @param with what happens then, at once
    synchronized void strikeAtDeed(int nth, Runnable with) {
        arm(with);
        deedsLeft = nth;
    }

    /// Strikes while the nth audit event from now on is written.
    synchronized void strikeAtRecord(int nth, Runnable with) {
        arm(with);
        recordsLeft = nth;
    }

    /// Strikes no more.
    synchronized void spare() {
        arm(() -> {});
    }

    private void arm(Runnable with) {
        deeds = 0;
        deedsLeft = NEVER;
        recordsLeft = NEVER;
        strike = with;
        struck = false;
    }

    /// Strikes now, if that has not happened yet.
    synchronized void strikeNow() {
        if (!struck) {
            strike("all was done");
        }
    }

    boolean hasStruck() {
        return struck;
    }

    /// How much it has done since it was last told when to be struck.
    synchronized int deeds() {
        return deeds;
    }

    /// Before what it was struck, for people.
    String last() {
        return last;
    }

    /// What is being written to a spool at this moment is written.
    void die() {
        writing.writeLock().lock();
        try {
            dead = true;
        } finally {
            writing.writeLock().unlock();
        }
    }

    boolean isDead() {
        return dead;
    }

    /// Never returns to the dead. Threads that all lives of this JVM share cannot end with one of them: to what is done
    /// there for a dead one a failure is what its connections, which are cut, would say.
    void requireAlive() {
        if (dead && SHARED.matcher(Thread.currentThread().getName()).lookingAt()) {
            throw new IllegalStateException("dead");
        }
        while (dead) {
            try {
                never.await();
            } catch (InterruptedException e) {
                // the dead hear nothing
            }
        }
    }

    void does(String what) {
        synchronized (this) {
            if (!dead) {
                deeds++;
                if (--deedsLeft == 0) {
                    strike(what);
                }
            }
        }
        requireAlive();
    }

    /// @throws IOException once it is over: the request is not acknowledged, on a connection that is cut anyway
    void records(TestTopic.Change change) throws IOException {
        synchronized (this) {
            if (!dead && --recordsLeft == 0) {
                strike("a part of an audit event");
            }
        }
        writing.readLock().lock();
        try {
            if (dead) {
                throw new IOException("dead");
            }
            change.run();
        } finally {
            writing.readLock().unlock();
        }
    }

    private void strike(String before) {
        last = before;
        deedsLeft = NEVER;
        recordsLeft = NEVER;
        strike.run();
        struck = true;
    }
}
