package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.AtomicFiles;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher on machines that lack something: the `PATH` holds this machine's programs but those that are to
/// lack.
final class LauncherTest {

    private static final String BUILD = "-B -ntp -T 2 install -DskipTests ";

    /// A part of the tests is Maven's own affair.
    private static final String PART = "-Dtest=None";

    /// Tells whether a service could start now.
    private static final String INSTALLS =
            "for package in \"$@\"; do :; done; echo \"$package: $(tail -n 1 \"$INSULA_POLICY_RC\"), runlevel $RUNLEVEL\" >>\"$INSTALLED\"";
    private static final Set<String> PACKAGE_TOOLS = Set.of("apt-get", "apt-cache", "sudo");

    @TempDir
    private Path folder;

    private Path programs = Path.of("bin");
    private Path home = Path.of("home");

    @BeforeEach
    void makeFolders() throws IOException {
        programs = Files.createDirectory(folder.resolve("bin"));
        home = folder.resolve("home");
        for (Path from : List.of(Path.of("/usr/bin"), Path.of("/bin"))) {
            try (Stream<Path> all = Files.list(from)) {
                for (Path program : all.toList()) {
                    String name = program.getFileName().toString();
                    Path link = programs.resolve(name);
                    if (!name.startsWith("etcd") && !PACKAGE_TOOLS.contains(name) && !Files.exists(link)) {
                        Files.createSymbolicLink(link, program);
                    }
                }
            }
        }
    }

    /// JUnit would warn of each link.
    @AfterEach
    void removeLinks() {
        AtomicFiles.deleteTree(programs);
    }

    @Test
    void saysWhatToDoWhereThereIsNoEtcdAndNoPackageManager() {
        assertThat(up().failed())
                .contains("etcd-server is missing", "put an etcd 3.4 or later on the PATH", "INSULA_ETCD");
        assertThat(home).doesNotExist();
    }

    @Test
    void saysWhatToTypeWhereEtcdCannotBeInstalled() throws IOException {
        program("apt-cache", "exit 0");
        program("apt-get", "echo 'E: you are not root, and nobody can write here' >&2; exit 100");

        assertThat(up().failed())
                .contains("nobody can write here", "type `apt-get install etcd-server` as root", "Nothing was changed");
        assertThat(home).doesNotExist();
    }

    @Test
    void saysSoWhereTheDistributionHasNoEtcd() throws IOException {
        program("apt-cache", "exit 100");
        program("apt-get", "exit 0");

        assertThat(up().failed()).contains("this distribution has no such package");
        assertThat(home).doesNotExist();
    }

    /// What is in sid goes when there is a later one; what is in the stable release stays.
    @Test
    void namesTheNewestEtcdThatIsLeftToTheTests() throws IOException {
        Path asked = folder.resolve("asked");
        program(
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
        program("apt-helper", "exit 100");

        Run run = test("");

        assertThat(run.ok()).isEqualTo("mvn with \n");
        assertThat(run.err()).contains("3.5.30-2", "the store is tried against the installed one only");
    }

    @Test
    void failsInCiWhereNoNewerEtcdIsToBeHad() throws IOException {
        program("apt-helper", "exit 100");

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
                  *"-pl syncer/engine "*) echo '[ERROR] The forked VM terminated'; exit 1 ;;
                esac""");

        assertThat(run.failed())
                .as("the last words name all that failed")
                .containsSubsequence(
                        "insula: failed:\n", "of control-plane/node:\n[ERROR]   SomeTest.fails:7 for some reason\n")
                .containsSubsequence("insula: failed:\n", "of syncer/engine:\n[ERROR] The forked VM terminated\n");
        assertThat(run.out())
                .contains("surefire:test@default-test of control-plane/node: failed")
                .contains("surefire:test@default-test of tenant-api/model: passed");
        List<String> called = Files.readAllLines(calls);
        assertThat(called.getFirst()).as("what is built").startsWith(BUILD);
        assertThat(called.stream().filter(call -> call.startsWith(BUILD)).map(LauncherTest::artefacts))
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
        assertThat(called.subList(2, called.size()))
                .allSatisfy(call -> assertThat(call).containsAnyOf(" -o ", BUILD))
                .anySatisfy(call -> assertThat(call).as("all of it").startsWith("-B -ntp spotless:check "));
        assertThat(called.getLast()).contains("-pl integration-tests ", "-Dtest=ConformanceTableTest");
        assertThat(called.subList(1, called.size() - 1).stream()
                        .filter(call -> call.contains("surefire:test"))
                        .flatMap(call -> artefacts(call).stream()))
                .as("each is tested once")
                .containsExactlyInAnyOrderElementsOf(artefactsWithTests());
        assertThat(called.stream().map(LauncherTest::run).distinct())
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
        program("mvn", "echo \"$*\" >>'" + calls + "'\n" + then);
        for (String there : List.of("etcd", "npm", "shellcheck")) {
            program(there, "exit 1");
        }
        program("id", "echo 1000");
        return launcher(List.of("CI=true", "HOME=" + folder, "INSULA_NEWER_ETCD=/bin/true"), "test");
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

    /// While each package is installed the machine is told to start no service, and afterwards no more.
    @Test
    void installsWhatNodesNeedAndStartsNoService() throws IOException {
        Path policy = folder.resolve("policy-rc.d");
        assertThat(testAsRoot(policy, INSTALLS).ok()).contains("tests run: -B -ntp -T 2 verify " + PART);

        assertThat(installed())
                .contains(
                        "containerd: exit 101, runlevel 1",
                        "runc: exit 101, runlevel 1",
                        "runsc: exit 101, runlevel 1",
                        "containernetworking-plugins: exit 101, runlevel 1",
                        "nftables: exit 101, runlevel 1",
                        "conntrack: exit 101, runlevel 1",
                        "busybox-static: exit 101, runlevel 1",
                        "iproute2: exit 101, runlevel 1",
                        "mount: exit 101, runlevel 1",
                        "e2fsprogs: exit 101, runlevel 1");
        assertThat(policy).doesNotExist();
    }

    @Test
    void installsNothingThatIsThere() throws IOException {
        Path nodes = Files.createDirectory(folder.resolve("nodes"));
        for (String name :
                List.of("containerd", "runc", "runsc", "bridge", "nft", "conntrack", "ip", "mount", "mkfs.ext4")) {
            program(nodes, name, "exit 0");
        }
        program(nodes, "busybox", "# a script needs no loader, as a static program does not");
        assertThat(testAsRoot(folder.resolve("policy-rc.d"), INSTALLS).code()).isZero();

        assertThat(installed()).noneMatch(line -> line.startsWith("containerd") || line.startsWith("busybox"));

        program(nodes, "busybox", "# /lib64/ld-linux-x86-64.so.2");
        testAsRoot(folder.resolve("policy-rc.d"), INSTALLS);
        assertThat(installed()).anyMatch(line -> line.startsWith("busybox-static"));
    }

    @Test
    void letsServicesStartAgainWhenAnInstallationFails() throws IOException {
        Path policy = folder.resolve("policy-rc.d");
        assertThat(testAsRoot(policy, "echo 'E: no room' >&2; exit 100").failed())
                .contains("no room", "Nothing was changed");
        assertThat(policy).doesNotExist();
    }

    @Test
    void leavesAPolicyOfSomebodyElse() throws IOException {
        Path policy = Files.writeString(folder.resolve("policy-rc.d"), "exit 0\n");
        testAsRoot(policy, INSTALLS);
        assertThat(policy).hasContent("exit 0\n");
        assertThat(installed()).contains("runc: exit 0, runlevel 1");
    }

    /// What cannot be installed keeps nobody from nodes that are simulated.
    @Test
    void installsWhatNodesNeedWhereUpMayHaveRealOnes() throws IOException {
        assertThat(upAsRoot(INSTALLS))
                .contains("containerd: exit 101, runlevel 1", "busybox-static: exit 101, runlevel 1");
        Files.delete(folder.resolve("installed"));

        assertThat(upAsRoot(INSTALLS, "--nodes", "both")).anyMatch(line -> line.startsWith("containerd"));
        Files.delete(folder.resolve("installed"));

        assertThat(upAsRoot("echo 'E: no room' >&2; exit 100")).isEmpty();
    }

    @Test
    void installsNothingForSimulatedNodesOrSomebodyElsesCluster() throws IOException {
        assertThat(upAsRoot(INSTALLS, "--nodes", "simulated")).isEmpty();
        assertThat(upAsRoot(INSTALLS, "--nodes=simulated")).isEmpty();
        assertThat(upAsRoot(INSTALLS, "--host-kubeconfig", "/some/file")).isEmpty();

        Files.createDirectories(home);
        Files.writeString(home.resolve("state.json"), "{\n  \"options\" : {\n    \"nodes\" : \"simulated\"\n  }\n}\n");
        assertThat(upAsRoot(INSTALLS)).as("as it was chosen before").isEmpty();
        assertThat(upAsRoot(INSTALLS, "--nodes", "real")).anyMatch(line -> line.startsWith("containerd"));
        Files.delete(folder.resolve("installed"));

        program("id", "echo 1000");
        assertThat(upWith(INSTALLS, "--nodes", "real")).as("who is not root").isEmpty();
    }

    /// Whoever cannot have it can have all the rest.
    @Test
    void installsWhatRestoresBackupsBesideAnEtcdOfThePath() throws IOException {
        String[] words = {"--nodes", "simulated"};
        program("id", "echo 0");
        program("etcd", "exit 0");
        assertThat(upOn("", INSTALLS, words)).containsExactly("etcd-client: exit 101, runlevel 1");
        Files.delete(folder.resolve("installed"));

        assertThat(upOn("", "echo 'E: no room' >&2; exit 100", words)).isEmpty();

        for (String tool : List.of("etcdctl", "etcdutl")) {
            program(tool, "exit 0");
            assertThat(upOn("", INSTALLS, words)).as(tool).isEmpty();
            Files.delete(programs.resolve(tool));
        }

        Files.delete(programs.resolve("etcd"));
        assertThat(upOn("", INSTALLS, words))
                .containsExactly("etcd-server: exit 101, runlevel 1", "etcd-client: exit 101, runlevel 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"down", "status", "--home /nowhere down", "--help", "up --help", "--version"})
    void buildsNothingForWhoeverAsksOrStops(String words) throws IOException {
        Path built = folder.resolve("built");
        program("mvn", "touch " + built + "; exit 1");
        String nothing = copiedLauncher(List.of(), words.split(" ")).failed();
        if (words.endsWith("down") || words.equals("status")) {
            assertThat(nothing).contains("nothing is built here yet", "`./insula build`");
            assertThat(built).doesNotExist();
        } else {
            assertThat(built)
                    .as("help is a newcomer's first command, and nothing is there to give it")
                    .exists();
            Files.delete(built);
        }

        Path target = Files.createDirectories(folder.resolve("copy/control-plane/cli/target"));
        fakeCommand(target.resolve("insula-control-plane-cli-1.jar"), "the last build");
        Files.writeString(
                target.resolve("command.classpath"),
                target.resolve("insula-control-plane-cli-1.jar").toString());
        Path broker = Files.createDirectories(folder.resolve("copy/control-plane/broker/target"));
        Files.writeString(broker.resolve("insula.classpath"), "/some.jar");
        assertThat(copiedLauncher(List.of(), words.split(" ")).ok()).isEqualTo("the last build\n");
        assertThat(built).doesNotExist();

        copiedLauncher(List.of(), "profile", "list").failed();
        assertThat(built).as("other commands build what was changed").exists();
    }

    /// The next build overwrites each jar in place, under whatever runs from it.
    @Test
    void runsFromJarsOfItsOwnThatStayWhileTheyAreUsed() throws Exception {
        Path target = Files.createDirectories(folder.resolve("copy/control-plane/cli/target"));
        Path jar = target.resolve("insula-control-plane-cli-1.jar");
        Path source = Files.createDirectories(folder.resolve("copy/syncer/src/main/resources"));
        program(
                "mvn",
                "mkdir -p %1$s/../../broker/target; echo /broker.jar >%1$s/../../broker/target/insula.classpath; "
                        .concat("cp %2$s %3$s; printf '%3$s:/elsewhere.jar' >%1$s/insula.classpath")
                        .formatted(target, folder.resolve("made.jar"), target.resolve("dependency.jar")));
        Files.writeString(folder.resolve("made.jar"), "dependency");

        fakeCommand(jar, "first");
        copiedLauncher(List.of(), "build").ok();
        List<Path> first = classPath(target);
        assertThat(first)
                .hasSize(3)
                .contains(Path.of("/elsewhere.jar"))
                .allSatisfy(entry ->
                        assertThat(entry.startsWith(folder)).isEqualTo(entry.startsWith(target.resolve("builds"))));
        assertThat(first.get(1)).hasContent("dependency").hasParent(first.get(0).getParent());

        fakeCommand(jar, "second");
        Files.writeString(source.resolve("changed"), "");
        Process runs = running(first.get(0));
        try {
            assertThat(copiedLauncher(List.of(), "profile", "list").ok()).isEqualTo("second\n");
            assertThat(first.get(0)).exists();
        } finally {
            runs.destroyForcibly().waitFor();
        }
        Files.writeString(source.resolve("changed again"), "");
        copiedLauncher(List.of(), "build").ok();
        assertThat(first.get(0)).doesNotExist();
        try (Stream<Path> all = Files.list(target.resolve("builds"))) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void keepsTheServicesCacheBesideTheJarsUnlessTurnedOff() throws IOException {
        Path jdk = folder.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        program(jdk.resolve("bin"), "javac", "exit 1");
        program(jdk.resolve("bin"), "java", "echo \"$@\"");
        Path target = Files.createDirectories(folder.resolve("copy/control-plane/cli/target"));
        Files.writeString(target.resolve("command.classpath"), "/the build/a.jar:/b.jar");
        Path broker = Files.createDirectories(folder.resolve("copy/control-plane/broker/target"));
        Files.writeString(broker.resolve("insula.classpath"), "/some.jar");

        assertThat(copiedLauncher(List.of("JAVA_HOME=" + jdk), "status").ok())
                .contains(" -Dinsula.aot.folder=/the build -cp /the build/a.jar:/b.jar ");
        assertThat(copiedLauncher(List.of("JAVA_HOME=" + jdk, "INSULA_AOT=off"), "status")
                        .ok())
                .doesNotContain("insula.aot");
    }

    /// @return what was installed
    private List<String> upAsRoot(String installs, String... words) throws IOException {
        program("id", "echo 0");
        return upWith(installs, words);
    }

    /// Runs `insula up` with a Maven that fails, so that nothing is built or started.
    private List<String> upWith(String installs, String... words) throws IOException {
        return upOn("/bin/true", installs, words);
    }

    /// @param etcd that somebody names; empty for the one on the path
    private List<String> upOn(String etcd, String installs, String... words) throws IOException {
        program("mvn", "exit 1");
        program("apt-cache", "exit 0");
        program("apt-get", "case \"$1\" in install) ;; *) exit 0 ;; esac\n" + installs);
        var arguments = new ArrayList<>(List.of("up", "--home", home.toString()));
        arguments.addAll(List.of(words));
        Run run = copiedLauncher(
                List.of(
                        "INSULA_ETCD=" + etcd,
                        "INSULA_ETCDUTL=",
                        "INSULA_POLICY_RC=" + folder.resolve("policy-rc.d"),
                        "INSULA_NODE_PROGRAMS=" + folder.resolve("nodes"),
                        "INSTALLED=" + folder.resolve("installed")),
                arguments.toArray(String[]::new));
        assertThat(run.failed()).as("it went on").contains("the build failed");
        return installed();
    }

    /// Beside no sources: nothing is built there yet, and what a build leaves harms nobody.
    private Run copiedLauncher(List<String> settings, String... arguments) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy")).resolve("insula");
        Files.copy(launcher(), copy, StandardCopyOption.REPLACE_EXISTING);
        var command = new ArrayList<>(
                List.of("/usr/bin/env", "PATH=" + programs, "JAVA_HOME=" + System.getProperty("java.home")));
        command.addAll(settings);
        command.addAll(List.of("/bin/bash", copy.toString()));
        command.addAll(List.of(arguments));
        return Run.of(command, "", Duration.ofMinutes(2));
    }

    /// Runs `insula test` as one who is told to be root, with a Maven that only says how it was called.
    ///
    /// @param installs what the package manager does to install
    private Run testAsRoot(Path policy, String installs) throws IOException {
        program("id", "echo 0");
        program("mvn", "echo \"tests run: $*\"");
        program("apt-cache", "exit 0");
        program("apt-get", "case \"$1\" in install) ;; *) exit 0 ;; esac\n" + installs);
        return launcher(
                List.of(
                        "INSULA_ETCD=/bin/true",
                        "INSULA_NEWER_ETCD=/bin/true",
                        "INSULA_POLICY_RC=" + policy,
                        "INSULA_NODE_PROGRAMS=" + folder.resolve("nodes"),
                        "INSTALLED=" + folder.resolve("installed")),
                "test",
                PART);
    }

    private List<String> installed() throws IOException {
        Path log = folder.resolve("installed");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private Run up() {
        return launcher(List.of("INSULA_ETCD="), "up", "--home", home.toString());
    }

    /// All is there that `test` needs, but a newer etcd.
    private Run test(String ci) throws IOException {
        program("mvn", "echo \"mvn with $INSULA_NEWER_ETCD\"");
        // nodes are another matter
        program("id", "echo 1000");
        for (String there : List.of("etcd", "npm", "shellcheck")) {
            program(there, "exit 1");
        }
        return launcher(List.of("CI=" + ci, "HOME=" + folder, "INSULA_NEWER_ETCD="), "test", PART);
    }

    private Path cached(String name) {
        return folder.resolve(".cache/insula-tests").resolve(name);
    }

    private Path debianPackage() throws IOException {
        Path root = Files.createDirectories(folder.resolve("package"));
        Files.writeString(
                Files.createDirectory(root.resolve("DEBIAN")).resolve("control"),
                "Package: etcd-server\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n");
        script(Files.createDirectories(root.resolve("usr/bin")).resolve("etcd"), "echo a newer etcd");
        Path made = folder.resolve("etcd.deb");
        Run.of(List.of("dpkg-deb", "--build", root.toString(), made.toString()), "", Duration.ofMinutes(2))
                .ok();
        return made;
    }

    private Run launcher(List<String> settings, String... arguments) {
        var command = new ArrayList<>(
                List.of("/usr/bin/env", "PATH=" + programs, "JAVA_HOME=" + System.getProperty("java.home")));
        command.addAll(settings);
        command.addAll(List.of("/bin/bash", launcher().toString()));
        command.addAll(List.of(arguments));
        return Run.of(command, "", Duration.ofMinutes(2));
    }

    private static List<Path> classPath(Path target) throws IOException {
        return Stream.of(Files.readString(target.resolve("command.classpath")).split(":", -1))
                .map(Path::of)
                .toList();
    }

    /// A process with a jar in its arguments, as a service has it.
    private static Process running(Path jar) throws IOException {
        return new ProcessBuilder("tail", "-f", "/dev/null", jar.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /// A jar whose command says only which it is.
    private static void fakeCommand(Path jar, String says) throws IOException {
        byte[] code = ClassFile.of()
                .build(
                        ClassDesc.of("io.insula.controlplane.cli.Insula"),
                        type -> type.withMethodBody(
                                "main",
                                MethodTypeDesc.ofDescriptor("([Ljava/lang/String;)V"),
                                ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                                body -> body.getstatic(
                                                ClassDesc.of("java.lang.System"),
                                                "out",
                                                ClassDesc.of("java.io.PrintStream"))
                                        .ldc(says)
                                        .invokevirtual(
                                                ClassDesc.of("java.io.PrintStream"),
                                                "println",
                                                MethodTypeDesc.ofDescriptor("(Ljava/lang/String;)V"))
                                        .return_()));
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("io/insula/controlplane/cli/Insula.class"));
            out.write(code);
        }
    }

    private void program(String name, String script) throws IOException {
        program(programs, name, script);
    }

    /// Never through a link, which leads to the machine's own program.
    private static void program(Path folder, String name, String script) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        script(folder.resolve(name), script);
    }

    private static void script(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path launcher() {
        // Tests run in their module's folder.
        Path launcher = Path.of("..", "insula").toAbsolutePath().normalize();
        assertThat(launcher).isExecutable();
        return launcher;
    }
}
