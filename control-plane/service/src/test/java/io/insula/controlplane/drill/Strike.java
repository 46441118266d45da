package io.insula.controlplane.drill;

import java.util.Random;

/// What is killed next, and when.
///
/// @param nth before which deed of the service, or at which write to its audit spool
record Strike(Victim victim, boolean atRecord, int nth) {

    /// Writes of one audit event to a disk, its sync among them; and a few events more.
    private static final int RECORDS = 12;

    enum Victim {
        SERVICE,
        ETCD,
        EVERYTHING,
        KAFKA
    }

    /// @param deeds how many there were the last time
    static Strike draw(Random random, int deeds, boolean isWritten) {
        int dice = random.nextInt(20);
        Victim victim =
                dice < 9 ? Victim.SERVICE : dice < 14 ? Victim.ETCD : dice < 18 ? Victim.EVERYTHING : Victim.KAFKA;
        boolean atRecord = isWritten && random.nextInt(4) == 0;
        return new Strike(victim, atRecord, 1 + random.nextInt(atRecord ? RECORDS : Math.max(1, deeds)));
    }

    boolean endsTheService() {
        return victim == Victim.SERVICE || victim == Victim.EVERYTHING;
    }

    @Override
    public String toString() {
        return victim + " at " + (atRecord ? "write to the spool " : "deed ") + nth;
    }
}
