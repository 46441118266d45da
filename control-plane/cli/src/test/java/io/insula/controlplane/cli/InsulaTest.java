package io.insula.controlplane.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.micronaut.context.annotation.Prototype;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// Wrong input: one clear message, the right exit code, nothing changed.
final class InsulaTest {

    @TempDir
    private Path folder;

    record Case(String name, int code, String message, String... arguments) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("upper case", 2, "expected: lower-case letters", "tenant", "create", "Acme"),
                new Case("too long", 2, "at most 40", "tenant", "create", "a".repeat(41)),
                new Case("leading dash", 2, "beginning and ending", "tenant", "get", "a-"),
                new Case("a reserved name", 2, "reserved", "tenant", "create", "host"),
                new Case("no lifetime", 2, "--lifetime: \"x\"", "tenant", "kubeconfig", "a", "--lifetime", "x"),
                new Case("no such command", 2, "frobnicate", "frobnicate"),
                new Case("no name", 2, "NAME", "tenant", "create"),
                new Case("nothing runs", 1, "type `insula up", "tenant", "list"),
                new Case("nothing runs, status", 1, "type `insula up", "status"),
                new Case("no host kubeconfig", 1, "cannot read", "up", "--host-kubeconfig", "/does/not/exist"),
                new Case("no pod range", 1, "--host-pods: \"10.0.0/8\"", "up", "--host-pods", "10.0.0.0/8,10.0.0/8"),
                new Case("no Service range", 1, "--host-services: \"any\"", "up", "--host-services", "any"),
                new Case("no further range", 1, "--host-inside: \"10.0.0.1\"", "up", "--host-inside", "10.0.0.1"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesWithOneClearMessage(Case wrong) throws Exception {
        Result result = run(home(), wrong.arguments());

        assertThat(result.err()).contains(wrong.message()).doesNotContain("Exception");
        assertThat(result.code()).isEqualTo(wrong.code());
        assertThat(home()).doesNotExist();
    }

    @Test
    void refusesADamagedHomeAndLeavesIt() throws Exception {
        Files.createDirectories(home());
        Files.writeString(home().resolve("state.json"), "{oops");

        Result result = run(home(), "up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("damaged").contains("state.json").contains("nothing was changed");
        try (Stream<Path> files = Files.list(home())) {
            assertThat(files).containsExactly(home().resolve("state.json"));
        }
    }

    @Test
    void refusesAFileAsHome() throws Exception {
        Files.writeString(home(), "a file");

        Result result = run(home(), "up");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("is a file");
    }

    @Test
    void explainsEveryCommand() {
        CommandLine line = Insula.commandLine();
        assertThat(line.getSubcommands().keySet())
                .contains("up", "down", "status", "demo", "tenant", "host", "profile", "audit");
        for (String command : line.getSubcommands().keySet()) {
            assertThat(run(home(), command, "--help").code()).as(command).isZero();
        }
    }

    /// Commands are one file each: [MadeUpCommand] is named nowhere else.
    @Test
    void hasACommandThatOneClassAdds() {
        assertThat(run(home(), "made-up").out()).contains("home: " + home());
        assertThat(run(home(), "--help").out())
                .containsSubsequence("  up ", "  down ", "  status ", "  demo ", "  tenant ", "  audit ", "  made-up ");
    }

    /// What is no bean would compile, and be there for nobody. One command may use another.
    @Test
    void everyCommandIsABeanThatNothingNames() {
        var generated = nameMatching(".*\\.\\$[^.]*").<JavaClass>forSubtype();
        classes()
                .that()
                .implement(InsulaCommand.class)
                .should()
                .bePackagePrivate()
                .andShould()
                .beAnnotatedWith(Prototype.class)
                .andShould()
                .onlyHaveDependentClassesThat(generated.or(assignableTo(InsulaCommand.class)))
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.insula.controlplane.cli"));
    }

    @Test
    void tellsTheDefaultsOfAKubeconfig() {
        for (String cluster : List.of("tenant", "host")) {
            assertThat(run(home(), cluster, "kubeconfig", "--help").out())
                    .contains("insula:cluster-admins", "30 days", "--user", "--group", "--admin", "10m to 365d");
        }
    }

    @Test
    void readsLifetimesAsPeopleWriteThem() {
        assertThat(Lifetime.parse("30d")).isEqualTo(Duration.ofDays(30));
        assertThat(Lifetime.parse("12h")).isEqualTo(Duration.ofHours(12));
        assertThat(Lifetime.parse("90m")).isEqualTo(Duration.ofMinutes(90));
        assertThat(Lifetime.parse("600s")).isEqualTo(Duration.ofMinutes(10));
        for (String wrong : List.of("", "30", "d", "1w", "-1d", "1.5h", "1h30m", " 1h", "99999999999d")) {
            assertThatThrownBy(() -> Lifetime.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("--lifetime");
        }
    }

    /// What README tells to type exists: each `./insula …` in it is parsed, with values in place of capital
    /// letters.
    @Test
    void knowsEveryCommandAndOptionOfTheReadme() throws Exception {
        String readme = Files.readString(Path.of("..", "..", "README.md"));
        List<String> lines = Pattern.compile("\\./insula ((?:tenant|up|down|status|demo|host|profile|audit)[^`#\n>]*)")
                .matcher(readme)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(lines).hasSizeGreaterThan(12);
        for (String line : lines) {
            String[] words = line.replaceAll("[\\[\\]]", "")
                    .replace("json\\|yaml", "yaml")
                    .replace("SECONDS", "60")
                    .strip()
                    .split("\\s+", -1);
            assertThat(Insula.commandLine().parseArgs(words).hasSubcommand())
                    .as(line)
                    .isTrue();
        }
    }

    private Path home() {
        return folder.resolve("home");
    }

    private record Result(int code, String out, String err) {}

    private static Result run(Path home, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line =
                Insula.commandLine().setErr(new PrintWriter(err, true)).setOut(new PrintWriter(out, true));
        var all = Stream.concat(Stream.of(arguments), Stream.of("--home", home.toString()))
                .toArray(String[]::new);
        return new Result(line.execute(all), out.toString(), err.toString());
    }
}
