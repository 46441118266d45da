package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.conformance.ConformanceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// `tenant-api/CONFORMANCE.md` is what the tests of all modules give in this run; `-Dupdate.golden` writes
/// it, and keeps what it says of tests that a run of a part leaves out. The last class of the last module, as
/// it looks at all others: JUnit runs isolated classes after those that run side by side. A run of a part says
/// nothing of the rest; `./insula test` runs all (`-Dinsula.whole`), and then nothing may be left out.
@Isolated
final class ConformanceTableTest {

    private static final Path ROOT = Path.of("..");
    private static final Path TABLE = ROOT.resolve("tenant-api/CONFORMANCE.md");

    @Test
    void theTableSaysWhatTheTestsGive() throws IOException {
        String committed = Files.exists(TABLE) ? Files.readString(TABLE) : "";
        if (System.getProperty("insula.whole") != null) {
            assertThat(ConformanceTable.notRun(targets()))
                    .as("tests that bear an upstream test's name and have not run")
                    .isEmpty();
        }
        if (System.getProperty("update.golden") != null) {
            boolean whole = System.getProperty("insula.whole") != null;
            Files.writeString(TABLE, ConformanceTable.render(targets(), whole ? "" : committed));
            return;
        }
        String now = ConformanceTable.render(targets(), committed);
        assertThat(committed)
                .as("tenant-api/CONFORMANCE.md is not what the tests give: run this test with -Dupdate.golden")
                .isEqualTo(now);
    }

    private static List<Path> targets() throws IOException {
        try (Stream<Path> files = Files.find(ROOT, 4, (file, _) -> file.endsWith("target/test-classes"))) {
            return files.map(Path::getParent).sorted().toList();
        }
    }
}
