package io.insula.controlplane.audit;

import static io.insula.controlplane.audit.AuditSpoolTest.append;
import static io.insula.controlplane.audit.AuditSpoolTest.json;
import static io.insula.controlplane.audit.AuditSpoolTest.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The machine loses power the moment after something was acknowledged.
@Timeout(300)
final class AuditSpoolPowerLossTest {

    private static final String BIG = "x".repeat(9 << 20);

    @TempDir
    private Path folder;

    private final PowerLoss power = new PowerLoss();

    @Test
    void keepsEveryEventThatWasAcknowledged() throws Exception {
        try (var spool = spool()) {
            append(spool, "1", "2");
            power.happens();
        }
        assertReopenedHolds("1", "2");
    }

    @Test
    void keepsEveryEventOfANewSegment() throws Exception {
        try (var spool = spool()) {
            append(spool, BIG, "in another");
            power.happens();
        }
        assertReopenedHolds(BIG, "in another");
    }

    /// Whoever reads an older progress misses the segment that was removed.
    @Test
    void keepsTheProgressForWhichASegmentWasRemoved() throws Exception {
        try (var spool = spool()) {
            append(spool, BIG, "next", "last");
            spool.markShipped(spool.read(json(BIG).length + 1, 1).end());
            power.happens();
        }
        assertReopenedHolds("last");
    }

    /// Otherwise the other tests could not fail.
    @Test
    void losesWhatWasNotSynced() throws Exception {
        Path path = folder.resolve("any");
        try (SpoolFile file = power.open(path)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2}), 0);
            file.force();
            file.write(ByteBuffer.wrap(new byte[] {3}), 1);
            power.happens();
        }
        assertThat(path).hasBinaryContent(new byte[] {1, 2});
    }

    private AuditSpool spool() {
        return new AuditSpool(folder, power, new SpoolProgress(folder, power));
    }

    private void assertReopenedHolds(String... texts) {
        try (var spool = new AuditSpool(folder)) {
            assertThat(texts(spool)).containsExactly(texts);
            assertThat(spool.found()).isEmpty();
        }
    }
}
