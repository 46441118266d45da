package io.insula.controlplane.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills in the middle of everything that is done with tenants: as many as every build can afford, or
/// `-Dinsula.fuzz.cases` for each seed, 50 for two hundred. Source of the order of what is killed: two seeds that every
/// run has, and two of this run's own; `-Dinsula.fuzz.seed` tries that one alone. With odd ones private keys are
/// encrypted.
final class KillDrillTest {

    private static final String SEED = "insula.fuzz.seed";
    private static final int KILLS = Integer.getInteger("insula.fuzz.cases", 8);

    /// From so many on chance leaves out no chore.
    private static final int MANY = 100;

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS) // hundreds, on a machine that others use, too; each step has a deadline
    void losesNothingAndLeavesNobodyStuckWhateverIsKilled() throws Exception {
        long fresh = new Random().nextInt(Integer.MAX_VALUE);
        Long asked = Long.getLong(SEED);
        long[] seeds = asked == null ? new long[] {34, 35, fresh, fresh + 1} : new long[] {asked};
        System.out.println("KillDrillTest seeds " + Arrays.toString(seeds));
        try (var beans = ApplicationContext.run();
                var drills = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().name("drill-", 0).factory())) {
            List<Future<Map<Chore, Integer>>> all = LongStream.of(seeds)
                    .mapToObj(seed -> drills.submit(() -> run(beans, seed)))
                    .toList();
            var struck = new EnumMap<Chore, Integer>(Chore.class);
            var failures = new ArrayList<Throwable>();
            for (Future<Map<Chore, Integer>> each : all) {
                try {
                    each.get().forEach((chore, times) -> struck.merge(chore, times, Integer::sum));
                } catch (ExecutionException e) {
                    failures.add(e.getCause());
                }
            }
            assertThat(failures).isEmpty();
            System.out.println("KillDrillTest struck " + struck);
            assertThat(struck.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(KILLS * seeds.length);
            if (KILLS * seeds.length >= MANY) {
                assertThat(struck.keySet()).containsExactlyInAnyOrder(Chore.values());
            }
        }
    }

    private Map<Chore, Integer> run(ApplicationContext beans, long seed) {
        try (var place = new Place(beans, folder.resolve("seed-" + seed), seed % 2 == 1)) {
            return drill(place, seed);
        }
    }

    private static Map<Chore, Integer> drill(Place place, long seed) {
        try {
            return new TenantDrill(place, new Random(seed), KILLS).run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "again with -D" + SEED + "=" + seed + ": " + e.getMessage() + "; all threads are in "
                            + writeThreads(seed),
                    e);
        }
    }

    /// Those of the dead, too, while all is as it was.
    private static Path writeThreads(long seed) {
        Path file = Path.of("target", "kill-drill-" + seed + "-" + System.nanoTime() + ".threads")
                .toAbsolutePath();
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }
}
