package io.insula.syncer.engine;

import io.insula.syncer.engine.SyncAudit.Side;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

/// Stops one tenant's unwitnessed deletes when they come in bulk, until a full list confirms that the tenant still is
/// the same cluster. A delete is unwitnessed when no watch event told of it: after a restart or a new list, which is
/// also how a lost or emptied store looks.
///
/// Thread-safe: guarded by `this`.
final class BulkBreaker {

    /// A delete that was let pass.
    ///
    /// @param objects how many there were by then, as far as the caches knew
    private record Passed(Instant at, int objects) {}

    private final int floor;
    private final double share;
    private final Duration window;
    private final InstantSource clock;
    private final Side kept;
    private final SyncMeter meter;
    private final Deque<Passed> passed = new ArrayDeque<>();
    private boolean open;
    private Instant confirmedUntil = Instant.MIN;
    private Instant releasedUntil = Instant.MIN;

    /// @param kept where nothing is deleted while it is open
    BulkBreaker(SyncSettings settings, InstantSource clock, Side kept, SyncMeter meter) {
        this.kept = kept;
        this.meter = meter;
        this.floor = settings.bulkFloor();
        this.share = settings.bulkShare();
        this.window = settings.bulkWindow();
        this.clock = clock;
    }

    /// @param objects how many host objects the tenant has now
    synchronized boolean allows(int objects) {
        var now = clock.instant();
        while (!passed.isEmpty() && passed.getFirst().at().isBefore(now.minus(window))) {
            passed.removeFirst();
        }
        if (now.isBefore(confirmedUntil)) {
            return true;
        }
        int soFar = passed.size() + 1;
        // what is gone in this window was there at its start; the caches may not know yet that it is gone
        int most = passed.stream().mapToInt(Passed::objects).reduce(objects, Math::max);
        if (open || (soFar > floor && soFar > share * most)) {
            if (!open) {
                open = true;
                meter.opened(kept);
            }
            return false;
        }
        passed.addLast(new Passed(now, objects));
        return true;
    }

    synchronized boolean isOpen() {
        return open;
    }

    /// Lets deletes pass for one window.
    synchronized void confirm() {
        close(false);
        confirmedUntil = clock.instant().plus(window);
    }

    /// A person's word: as [#confirm], and beyond what any proof says.
    synchronized void release() {
        close(true);
        confirmedUntil = clock.instant().plus(window);
        releasedUntil = confirmedUntil;
    }

    /// What had vanished is there again: counts anew from here.
    synchronized void restored() {
        close(false);
    }

    private void close(boolean byPerson) {
        if (open) {
            meter.closed(kept, byPerson);
        }
        open = false;
        passed.clear();
    }

    synchronized boolean isReleased() {
        return clock.instant().isBefore(releasedUntil);
    }
}
