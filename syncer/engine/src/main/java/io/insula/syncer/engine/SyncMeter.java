package io.insula.syncer.engine;

import io.insula.syncer.engine.SyncAudit.Side;

/// Told what is worth counting of the syncer's work beside its loop. Called from many threads; must not block.
public interface SyncMeter {

    /// Counts nothing.
    SyncMeter NONE = new SyncMeter() {
        @Override
        public void opened(Side kept) {}

        @Override
        public void closed(Side kept, boolean byPerson) {}

        @Override
        public void repaired(String syncer) {}
    };

    /// The deletes of one tenant are held back from now on, as too much vanished at once.
    ///
    /// @param kept where nothing is deleted meanwhile
    void opened(Side kept);

    /// They pass again.
    ///
    /// @param byPerson by a person's word; otherwise by proof
    void closed(Side kept, boolean byPerson);

    /// Something that a drift scan found different was put right.
    ///
    /// @param syncer its name
    void repaired(String syncer);
}
