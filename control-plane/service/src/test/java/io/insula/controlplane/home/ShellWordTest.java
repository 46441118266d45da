package io.insula.controlplane.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShellWordTest {

    /// Asks a real shell what it makes of the word.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/home/me/.insula",
                "my home",
                "it's",
                "\"double\"",
                "$HOME `id` $(id) !x \\n",
                "*?[a-z]{b,c}~",
                "a;b|c&d<e>f#g",
                "bücher/🚀 Größe",
                "-n",
                "two\nlines\tand\u001b[31m7'8\\",
                " "
            })
    void givesTheShellExactlyTheWord(String word) throws Exception {
        String quoted = ShellWord.quote(word);
        Process shell = new ProcessBuilder("bash", "-c", "printf %s " + quoted)
                .redirectErrorStream(true)
                .start();
        String got = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(got).isEqualTo(word);
        assertThat(quoted.chars()).noneMatch(c -> c < ' ');
    }

    @Test
    void quotesTheEmptyWord() {
        assertThat(ShellWord.quote("")).isEqualTo("''");
    }

    @Test
    void leavesWhatNeedsNoQuotes() {
        assertThat(ShellWord.quote("/home/me/.insula_2+x@y%z=1,2:3")).isEqualTo("/home/me/.insula_2+x@y%z=1,2:3");
    }

    @Test
    void namesTheHomeInACommandOnlyWhereItIsNotTheStandardOne() {
        assertThat(Home.standard().command("up")).isEqualTo("insula up");
        assertThat(new Home(Path.of("/my home")).command("tenant list"))
                .isEqualTo("insula tenant list --home '/my home'");
    }
}
