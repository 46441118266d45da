package io.insula.controlplane.audit;

import static io.insula.controlplane.audit.AuditSpoolTest.append;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class AuditShipperTest {

    @TempDir
    private Path folder;

    private final RecordingOutlet outlet = new RecordingOutlet();
    private final Map<String, AuditSpool> spools = new ConcurrentHashMap<>();
    private final List<String> lost = new CopyOnWriteArrayList<>();
    private AuditShipper shipper = shipper(Duration.ofSeconds(30));

    @BeforeEach
    void open() {
        spools.put("acme", new AuditSpool(folder.resolve("acme")));
        spools.put("globex", new AuditSpool(folder.resolve("globex")));
    }

    @AfterEach
    void close() {
        outlet.acknowledging(true);
        outlet.sent().forEach(s -> s.acknowledged().complete("late"));
        shipper.close();
        spools.values().forEach(AuditSpool::close);
    }

    @Test
    void countsAsShippedOnlyWhatWasAcknowledged() {
        outlet.acknowledging(false);
        append(spool("acme"), "1", "2", "3");
        shipper.start();
        await(() -> outlet.sent().size() == 3);
        outlet.sent().get(0).acknowledged().complete("there");
        outlet.sent().get(1).acknowledged().complete("there");

        // The shipper now waits for the third: what it has counted so far is all it counts.
        await(() -> outlet.sent().get(2).acknowledged().getNumberOfDependents() > 0);
        assertThat(spool("acme").shipped()).isZero();
        outlet.sent().get(2).acknowledged().complete("there");
        await(() -> !spool("acme").hasUnshipped());
    }

    @Test
    void sendsAgainInOrderWhatWasNotAcknowledged() {
        outlet.acknowledging(false);
        append(spool("acme"), "1", "2", "3");
        shipper.start();
        await(() -> outlet.sent().size() == 3);
        outlet.acknowledging(true);
        outlet.sent().get(0).acknowledged().complete("there");
        outlet.sent().get(1).acknowledged().completeExceptionally(new IOException("gone"));
        await(() -> !spool("acme").hasUnshipped());

        assertThat(outlet.texts("acme")).containsExactly("1", "2", "3", "1", "2", "3");
        assertThat(outlet.opened())
                .as("the producer that failed is not used again")
                .isEqualTo(2);
    }

    @Test
    void doesNotWaitForEverForAnAcknowledgement() {
        shipper = shipper(Duration.ofMillis(50));
        outlet.acknowledging(false);
        append(spool("acme"), "1");
        shipper.start();
        await(() -> shipper.isFailing());
        assertThat(spool("acme").shipped()).isZero();
        outlet.acknowledging(true);

        await(() -> !spool("acme").hasUnshipped());
        await(() -> !shipper.isFailing());
    }

    @Test
    void saysThatNobodyAnswersAndGoesOnLater() {
        outlet.away(true);
        shipper.start();
        await(() -> shipper.isFailing());
        append(spool("acme"), "1");
        outlet.away(false);
        shipper.wake();

        await(() -> !spool("acme").hasUnshipped());
        assertThat(outlet.texts("acme")).containsExactly("1");
    }

    @Test
    void stepsOverDamageAndReportsItBeforeItIsForgotten() throws Exception {
        append(spool("acme"), "1");
        spool("acme").close();
        Files.writeString(segment("acme"), "no event\n", StandardOpenOption.APPEND);
        spools.put("acme", new AuditSpool(folder.resolve("acme")));
        append(spool("acme"), "2");
        shipper.start();

        await(() -> !spool("acme").hasUnshipped());
        assertThat(outlet.texts("acme")).containsExactly("1", "2");
        assertThat(lost).singleElement().asString().contains("acme", "bytes=9", "not an event");
    }

    @Test
    void letsNoSpoolHoldUpAnother() throws Exception {
        append(spool("acme"), "unreadable");
        append(spool("globex"), "1");
        Files.delete(segment("acme"));
        shipper.start();

        await(() -> !spool("globex").hasUnshipped());
        assertThat(shipper.isFailing() || spool("acme").hasUnshipped()).isTrue();
    }

    private AuditShipper shipper(Duration acknowledgedWithin) {
        return new AuditShipper(
                outlet,
                new AuditShipper.Owner() {
                    @Override
                    public Map<String, AuditSpool> spools() {
                        return spools;
                    }

                    @Override
                    public void lost(String key, SpoolPage.Loss loss) {
                        lost.add(key + " " + loss);
                    }

                    @Override
                    public void drained() {}
                },
                acknowledgedWithin);
    }

    private AuditSpool spool(String key) {
        return Objects.requireNonNull(spools.get(key));
    }

    private Path segment(String key) {
        return folder.resolve(key).resolve("%020d.ndjson".formatted(0));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
