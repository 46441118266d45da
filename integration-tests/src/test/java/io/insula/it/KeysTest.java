package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Labels, annotations and the like are spelled in one place: who writes a key and who reads it never part.
class KeysTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern TEXT_BLOCK = Pattern.compile("\"\"\".*?\"\"\"", Pattern.DOTALL);
    /// Alone, or as a selector that is put together (`"example.k8s.io/name=" + name`).
    private static final Pattern KEY =
            Pattern.compile("\"((?:[a-z0-9-]+\\.)*(?:kubernetes\\.io|k8s\\.io|insula\\.io)/[\\w./-]*)(?:=[^\"]*)?\"");
    private static final Pattern API_VERSION = Pattern.compile(".*/v\\d+\\w*");

    @Test
    void spellsEachKeyInOneFile() throws IOException {
        var filesByKey = new TreeMap<String, List<String>>();
        for (Path file : sources()) {
            String text = TEXT_BLOCK.matcher(Files.readString(file)).replaceAll("");
            KEY.matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .filter(key -> !API_VERSION.matcher(key).matches())
                    .distinct()
                    .forEach(key ->
                            filesByKey.merge(key, List.of(ROOT.relativize(file).toString()), KeysTest::join));
        }
        assertThat(filesByKey).hasSizeGreaterThan(100);

        assertThat(filesByKey.entrySet().stream()
                        .filter(entry -> entry.getValue().size() > 1)
                        .map(Map.Entry::toString))
                .as("a key that two files need is a constant: WellKnownKeys for Kubernetes' own, else of the lowest"
                        + " module that needs it (InsulaLabels for what host objects bear)")
                .isEmpty();
    }

    private static List<String> join(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    private static List<Path> sources() throws IOException {
        try (var all = Files.walk(ROOT)) {
            return all.filter(file -> file.toString().endsWith(".java")
                            && file.toString().contains("/src/main/java/")
                            && !file.toString().contains("/target/"))
                    .toList();
        }
    }
}
