package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Wrong input gets one clear error and changes nothing.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongInputTest {

    private final Installation insula = new Installation();

    @BeforeAll
    void start() {
        insula.insula("up").ok();
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("Bad_Name", new String[] {"tenant", "create", "Bad_Name"}),
                Arguments.of("nope", new String[] {"tenant", "create", "blue", "--profile", "nope"}),
                Arguments.of("nobody", new String[] {"tenant", "get", "nobody"}),
                Arguments.of("nobody", new String[] {"tenant", "delete", "nobody"}),
                Arguments.of("nobody", new String[] {"tenant", "kubeconfig", "nobody"}));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void saysWhatIsWrongAndChangesNothing(String named, String[] words) {
        String before = insula.insula("tenant", "list").ok();
        assertThat(insula.insula(words).failed()).contains(named).doesNotContain("\tat ");
        assertThat(insula.insula("tenant", "list").ok()).isEqualTo(before);
    }

    @Test
    void findsTheRunningOneOnASecondUp() {
        assertThat(insula.insula("up").ok()).contains("up already");
        assertThat(insula.processes("ServiceMain")).hasSize(1);
    }

    @Test
    void refusesACorruptHomeFolder() throws IOException {
        try (var broken = new Installation()) {
            Files.writeString(broken.home().resolve("state.json"), "{ not json");
            assertThat(broken.insula("up").failed()).contains("state.json");
            assertThat(broken.processes("")).isEmpty();
        }
    }
}
