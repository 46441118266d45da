package io.insula.tenantapi.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// One of upstream's conformance tests.
///
/// @param name exactly as upstream prints it
/// @param area its file below `test/e2e`
/// @param layer 1: an API server and its controllers are enough; 2: somebody has to say that pods run; 3: containers
///     have to run
/// @param versions of those that we know of (1.34, 1.36), the ones that have a test of this name
public record UpstreamTest(String name, String area, int layer, Set<String> versions) {

    /// The version that we serve.
    static final String SERVED = "1.34";

    private static final String FILE = "/conformance/tests.tsv";

    boolean served() {
        return versions.contains(SERVED);
    }

    /// All of them, by area and name. Source: `test/conformance/testdata/conformance.yaml` of the versions.
    public static List<UpstreamTest> all() {
        InputStream file = Objects.requireNonNull(UpstreamTest.class.getResourceAsStream(FILE), FILE);
        try (var lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(UpstreamTest::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static UpstreamTest parse(String line) {
        List<String> fields = List.of(line.split("\t", -1));
        return new UpstreamTest(
                fields.get(3),
                fields.get(2),
                Integer.parseInt(fields.get(1)),
                Set.of(fields.get(0).split(" ", -1)));
    }
}
