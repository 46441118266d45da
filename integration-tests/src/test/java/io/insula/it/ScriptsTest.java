package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What no compiler looks at.
final class ScriptsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @ParameterizedTest
    @ValueSource(strings = {"insula", ".ci/run", ".githooks/pre-commit"})
    void pleasesShellcheck(String script) {
        assertThat(Files.isExecutable(ROOT.resolve(script))).as(script).isTrue();

        Run.of(List.of("shellcheck", ROOT.resolve(script).toString()), "", Duration.ofMinutes(2))
                .ok();
    }
}
