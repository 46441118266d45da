package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No artefact becomes the one that holds everything.
final class ArtefactSizesTest {

    private static final double LARGEST_SHARE = 0.2;

    @Test
    void keepsEachArtefactUnderAFifthOfTheCode() throws IOException {
        Map<Path, Long> lines = linesOfArtefacts(Path.of("..").toAbsolutePath().normalize());
        long all = lines.values().stream().mapToLong(Long::longValue).sum();

        assertThat(lines).as("artefacts with code").hasSizeGreaterThan(15);
        assertThat(lines)
                .allSatisfy((artefact, own) -> assertThat((double) own / all)
                        .as("share of %s, %s of %s lines", artefact, own, all)
                        .isLessThan(LARGEST_SHARE));
    }

    private static Map<Path, Long> linesOfArtefacts(Path root) throws IOException {
        var lines = new TreeMap<Path, Long>();
        try (Stream<Path> folders = Files.walk(root, 2)) {
            for (Path artefact : folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .toList()) {
                Path sources = artefact.resolve("src/main/java");
                if (Files.isDirectory(sources)) {
                    lines.put(root.relativize(artefact), linesUnder(sources));
                }
            }
        }
        return lines;
    }

    private static long linesUnder(Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .mapToLong(ArtefactSizesTest::lines)
                    .sum();
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
