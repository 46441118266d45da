package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `insula test` runs, on machines that lack something: in which order, against which etcds, and what it tells.
final class WholeTestRunTest {

    private static final String BUILD = "-B -ntp -T 2 install -DskipTests ";

    @TempDir
    private Path folder;

    private LauncherFixture machine;

    @BeforeEach
    void make() throws IOException {
        machine = new LauncherFixture(folder);
    }

    @AfterEach
    void removeLinks() {
        machine.close();
    }

    /// What is in sid goes when there is a later one; what is in the stable release stays.
    @Test
    void namesTheNewestEtcdThatIsLeftToTheTests() throws IOException {
        Path asked = folder.resolve("asked");
        machine.program(
                "apt-helper",
                "echo \"$1 $2 $4\" >>%s; case $2 in *_3.5.16*) cp %s \"$3\" ;; *) exit 100 ;; esac"
                        .formatted(asked, debianPackage()));

        assertThat(test("true").ok()).isEqualTo("mvn with " + cached("etcd-3.5.16-4/usr/bin/etcd") + "\n");
        assertThat(Run.of(List.of(cached("etcd-3.5.16-4/usr/bin/etcd").toString()), "", Duration.ofMinutes(2))
                        .ok())
                .isEqualTo("a newer etcd\n");
        assertThat(Files.readAllLines(asked))
                .allSatisfy(line -> assertThat(line)
                        .matches("download-file http\\S+/debian/pool/main/e/etcd/etcd-server_\\S+\\.deb"
                                + " SHA256:[0-9a-f]{64}"))
                .anySatisfy(line -> assertThat(line).contains("_3.5.30-2_"));

        Files.delete(asked);
        assertThat(test("true").ok()).contains("etcd-3.5.16-4");
        assertThat(asked).content().as("what is there is not asked for again").doesNotContain("3.5.16");
        try (Stream<Path> all = Files.list(cached(""))) {
            assertThat(all).as("what was begun is removed").containsExactly(cached("etcd-3.5.16-4"));
        }
    }

    @Test
    void saysSoWhereNoNewerEtcdIsToBeHad() throws IOException {
        machine.program("apt-helper", "exit 100");

        Run run = test("");

        assertThat(run.ok()).isEqualTo("mvn with \n");
        assertThat(run.err()).contains("3.5.30-2", "the store is tried against the installed one only");
    }

    @Test
    void failsInCiWhereNoNewerEtcdIsToBeHad() throws IOException {
        machine.program("apt-helper", "exit 100");

        Run run = test("true");

        assertThat(run.failed()).contains("none of Debian's newer etcds can be had here");
        assertThat(run.out()).as("nothing ran").isEmpty();
    }

    /// Not in Maven's order, by which each would wait for the tests of all that it is built on.
    @Test
    void testsEachArtefactOnceAndTheTableAtTheEnd() throws IOException {
        Path calls = folder.resolve("calls");
        Run run = testAll(calls, """
                case "$*" in
                  *"-pl control-plane/node "*) echo '[ERROR]   SomeTest.fails:7 for some reason'; exit 1 ;;
                  *,syncer/engine,*surefire:test*) echo '[ERROR] The forked VM terminated' ;;
                esac""");

        assertThat(run.failed())
                .as("the last words name all that failed")
                .containsSubsequence(
                        "insula: failed:\n", "of control-plane/node:\n[ERROR]   SomeTest.fails:7 for some reason\n")
                .containsSubsequence("insula: failed:\n", ",syncer/engine,", ":\n[ERROR] The forked VM terminated\n");
        assertThat(run.out())
                .contains("surefire:test@default-test of control-plane/node: failed")
                .containsPattern("surefire:test@default-test of \\S*syncer/engine\\S*: failed")
                .containsPattern("surefire:test@default-test of \\S*tenant-api/model\\S*: passed");
        List<String> called = Files.readAllLines(calls);
        assertThat(called.getFirst()).as("what is built").startsWith(BUILD);
        assertThat(called.stream().filter(call -> call.startsWith(BUILD)).map(WholeTestRunTest::artefacts))
                .as("each is built once")
                .hasSize(2)
                .allSatisfy(built -> assertThat(built).isNotEmpty())
                .flatExtracting(built -> built)
                .doesNotHaveDuplicates()
                .containsAll(artefactsWithTests());
        assertThat(called.get(1))
                .as("what fetches")
                .contains("-pl tenant-api/rules ")
                .doesNotContain(" -o ");
        assertThat(called.stream().filter(call -> call.contains("surefire:test")))
                .as("what fails keeps the rest from nothing")
                .allSatisfy(call -> assertThat(call).contains("-Dmaven.test.failure.ignore"));
        assertThat(called.subList(2, called.size()))
                .allSatisfy(call -> assertThat(call).containsAnyOf(" -o ", BUILD))
                .anySatisfy(call -> assertThat(call).as("all of it").startsWith("-B -ntp spotless:check "));
        assertThat(called.getLast()).contains("-pl integration-tests ", "-Dtest=ConformanceTableTest");
        assertThat(called.subList(1, called.size() - 1).stream()
                        .filter(call -> call.contains("surefire:test"))
                        .flatMap(call -> artefacts(call).stream()))
                .as("each is tested once")
                .containsExactlyInAnyOrderElementsOf(artefactsWithTests());
        assertThat(called.stream().map(WholeTestRunTest::run).distinct())
                .as("one run to the conformance table")
                .hasSize(1);
    }

    @Test
    void saysThatAllTestsPassed() throws IOException {
        Run run = testAll(folder.resolve("calls"), "exit 0");
        assertThat(run.ok()).contains("all tests passed");
    }

    @Test
    void testsNothingWhereTheBuildFails() throws IOException {
        Path calls = folder.resolve("calls");
        Run run = testAll(calls, "echo broken; exit 1");
        assertThat(run.code()).isNotZero();
        assertThat(run.out()).contains("broken");
        assertThat(calls).content().hasLineCount(1);
    }

    private Run testAll(Path calls, String then) throws IOException {
        machine.program("mvn", "echo \"$*\" >>'" + calls + "'\n" + then);
        for (String there : List.of("etcd", "npm", "shellcheck")) {
            machine.program(there, "exit 1");
        }
        machine.program("id", "echo 1000");
        return machine.run(List.of("CI=true", "HOME=" + folder, "INSULA_NEWER_ETCD=/bin/true"), "test");
    }

    private static List<String> artefacts(String call) {
        return List.of(call.replaceAll(".*-pl (\\S+) .*", "$1").split(",", -1));
    }

    private static String run(String call) {
        return call.replaceAll(".*-Dinsula.run=(\\S+) .*", "$1");
    }

    private static List<String> artefactsWithTests() throws IOException {
        Path root = Path.of("..");
        try (Stream<Path> folders = Files.find(root, 5, (file, _) -> file.endsWith("src/test/java"))) {
            return folders.map(folder -> root.relativize(folder).toString().replace("/src/test/java", ""))
                    .toList();
        }
    }

    /// All is there that `test` needs, but a newer etcd.
    private Run test(String ci) throws IOException {
        machine.program("mvn", "echo \"mvn with $INSULA_NEWER_ETCD\"");
        // nodes are another matter
        machine.program("id", "echo 1000");
        for (String there : List.of("etcd", "npm", "shellcheck")) {
            machine.program(there, "exit 1");
        }
        return machine.run(List.of("CI=" + ci, "HOME=" + folder, "INSULA_NEWER_ETCD="), "test", LauncherFixture.PART);
    }

    private Path cached(String name) {
        return folder.resolve(".cache/insula-tests").resolve(name);
    }

    private Path debianPackage() throws IOException {
        Path root = Files.createDirectories(folder.resolve("package"));
        Files.writeString(
                Files.createDirectory(root.resolve("DEBIAN")).resolve("control"),
                "Package: etcd-server\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n");
        LauncherFixture.script(Files.createDirectories(root.resolve("usr/bin")).resolve("etcd"), "echo a newer etcd");
        Path made = folder.resolve("etcd.deb");
        Run.of(List.of("dpkg-deb", "--build", root.toString(), made.toString()), "", Duration.ofMinutes(2))
                .ok();
        return made;
    }
}
