package io.insula.tenantapi.storage.etcd;

/// Whether etcd is out of space, as far as is known: whoever writes learns of it at once, whoever looks after etcd asks
/// it now and then. What was asked before a write was refused says nothing of the time after. Thread-safe: guarded by
/// itself.
final class SpaceNotice {

    private long refusals;
    private boolean exceeded;

    /// A write was refused for want of space.
    synchronized void refused() {
        refusals++;
        exceeded = true;
    }

    /// How many writes have been refused; to be read before etcd is asked.
    synchronized long refusals() {
        return refusals;
    }

    /// What etcd said.
    ///
    /// @param alarmed whether it takes no writes
    /// @param asOf [#refusals()] before it was asked
    synchronized void told(boolean alarmed, long asOf) {
        exceeded = alarmed || (exceeded && refusals != asOf);
    }

    synchronized boolean isExceeded() {
        return exceeded;
    }
}
