package io.insula.controlplane.audit;

import java.nio.file.Path;
import java.time.Clock;

/// Trails for tests of other packages.
public final class TestTrails {

    private TestTrails() {}

    /// A real one whose other side takes everything at once.
    public static AuditTrail taking(Path folder) {
        return new AuditTrail(folder, SpoolFile::onDisk, new RecordingOutlet(), Clock.systemUTC());
    }
}
