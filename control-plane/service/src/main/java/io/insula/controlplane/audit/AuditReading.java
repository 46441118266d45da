package io.insula.controlplane.audit;

import io.insula.controlplane.audit.AuditReader.Page;
import io.insula.controlplane.audit.AuditReader.Wanted;
import java.time.Duration;
import java.time.Instant;

/// How the trail is read back; [AuditReader] says what each read means.
public interface AuditReading {

    /// Events after `cursor`, empty for the oldest kept.
    ///
    /// @throws IllegalArgumentException for a cursor that is not ours
    Page read(Wanted wanted, String cursor, Duration patience);

    /// The first events since `begin`.
    Page readSince(Wanted wanted, Instant begin);

    /// The newest `count` events since `begin`.
    Page readLast(Wanted wanted, int count, Instant begin);
}
