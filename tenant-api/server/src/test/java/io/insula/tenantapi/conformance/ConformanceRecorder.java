package io.insula.tenantapi.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestWatcher;

/// Writes what became of each [Conformance] test, and in which run of Maven, to `target/conformance/CLASS#METHOD` of
/// its module, where the table's test finds it, and fails tests that bear a name which upstream does not have.
final class ConformanceRecorder implements BeforeEachCallback, TestWatcher {

    static final String FOLDER = "conformance";

    private static final Namespace OURS = Namespace.create(ConformanceRecorder.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        var known = new HashSet<String>();
        UpstreamTest.all().forEach(test -> known.add(test.name()));
        var claim = context.getRequiredTestMethod().getAnnotation(Conformance.class);
        List<String> unknown = Arrays.stream(claim.value())
                .filter(name -> !known.contains(name))
                .toList();
        if (!unknown.isEmpty()) {
            throw new AssertionError("upstream has no conformance test of this name: " + unknown);
        }
        if (claim.weaker().length > 1 && claim.weaker().length != claim.value().length) {
            throw new AssertionError("weaker: " + claim.weaker().length
                    + " texts (expected: none, one, or one for each of " + claim.value().length + " names)");
        }
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        record(context, Outcome.PASSED);
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        record(context, Outcome.FAILED);
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        record(context, Outcome.SKIPPED);
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        record(context, Outcome.SKIPPED);
    }

    private static void record(ExtensionContext context, Outcome outcome) {
        String test = context.getRequiredTestClass().getName() + "#"
                + context.getRequiredTestMethod().getName();
        Outcomes all =
                context.getRoot().getStore(OURS).computeIfAbsent("outcomes", key -> new Outcomes(), Outcomes.class);
        write(test, all.add(test, outcome));
    }

    private static void write(String test, Outcome outcome) {
        try {
            Path folder = Files.createDirectories(Path.of("target", FOLDER));
            Files.writeString(folder.resolve(test), outcome.text() + " " + run());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of this run; a parameterised method has several.
    private record Outcomes(ConcurrentHashMap<String, Outcome> byTest) {

        Outcomes() {
            this(new ConcurrentHashMap<>());
        }

        Outcome add(String test, Outcome outcome) {
            return byTest.merge(test, outcome, Outcome::and);
        }
    }

    /// What became of a test of a module in this run; what an earlier run left does not count.
    ///
    /// @param target the module's `target`
    static Outcome read(Path target, String test) {
        Path file = target.resolve(FOLDER).resolve(test);
        try {
            if (!Files.exists(file) || run().isEmpty()) {
                return Outcome.NOT_RUN;
            }
            String[] found = Files.readString(file).split(" ", 2);
            return found.length == 2 && found[1].equals(run()) ? Outcome.parse(found[0]) : Outcome.NOT_RUN;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// When Maven began; the same in all its modules. Empty where it is not Maven that runs the tests.
    private static String run() {
        return System.getProperty("insula.run", "");
    }
}
