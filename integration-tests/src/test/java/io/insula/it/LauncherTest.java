package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
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

    /// Tells whether a service could start now.
    private static final String INSTALLS =
            "for package in \"$@\"; do :; done; echo \"$package: $(tail -n 1 \"$INSULA_POLICY_RC\"), runlevel $RUNLEVEL\" >>\"$INSTALLED\"";

    @TempDir
    private Path folder;

    private LauncherFixture machine;
    private Path home = Path.of("home");

    @BeforeEach
    void make() throws IOException {
        machine = new LauncherFixture(folder);
        home = folder.resolve("home");
    }

    @AfterEach
    void removeLinks() {
        machine.close();
    }

    @Test
    void saysWhatToDoWhereThereIsNoEtcdAndNoPackageManager() {
        assertThat(up().failed())
                .contains("etcd-server is missing", "put an etcd 3.4 or later on the PATH", "INSULA_ETCD");
        assertThat(home).doesNotExist();
    }

    @Test
    void saysWhatToTypeWhereEtcdCannotBeInstalled() throws IOException {
        machine.program("apt-cache", "exit 0");
        machine.program("apt-get", "echo 'E: you are not root, and nobody can write here' >&2; exit 100");

        assertThat(up().failed())
                .contains("nobody can write here", "type `apt-get install etcd-server` as root", "Nothing was changed");
        assertThat(home).doesNotExist();
    }

    @Test
    void saysSoWhereTheDistributionHasNoEtcd() throws IOException {
        machine.program("apt-cache", "exit 100");
        machine.program("apt-get", "exit 0");

        assertThat(up().failed()).contains("this distribution has no such package");
        assertThat(home).doesNotExist();
    }

    /// While each package is installed the machine is told to start no service, and afterwards no more.
    @Test
    void installsWhatNodesNeedAndStartsNoService() throws IOException {
        Path policy = folder.resolve("policy-rc.d");
        assertThat(testAsRoot(policy, INSTALLS).ok())
                .contains("tests run: -B -ntp -T 2 verify " + LauncherFixture.PART);

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
            LauncherFixture.program(nodes, name, "exit 0");
        }
        LauncherFixture.program(nodes, "busybox", "# a script needs no loader, as a static program does not");
        assertThat(testAsRoot(folder.resolve("policy-rc.d"), INSTALLS).code()).isZero();

        assertThat(installed()).noneMatch(line -> line.startsWith("containerd") || line.startsWith("busybox"));

        LauncherFixture.program(nodes, "busybox", "# /lib64/ld-linux-x86-64.so.2");
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

        machine.program("id", "echo 1000");
        assertThat(upWith(INSTALLS, "--nodes", "real")).as("who is not root").isEmpty();
    }

    /// Whoever cannot have it can have all the rest.
    @Test
    void installsWhatRestoresBackupsBesideAnEtcdOfThePath() throws IOException {
        String[] words = {"--nodes", "simulated"};
        machine.program("id", "echo 0");
        machine.program("etcd", "exit 0");
        assertThat(upOn("", INSTALLS, words)).containsExactly("etcd-client: exit 101, runlevel 1");
        Files.delete(folder.resolve("installed"));

        assertThat(upOn("", "echo 'E: no room' >&2; exit 100", words)).isEmpty();

        for (String tool : List.of("etcdctl", "etcdutl")) {
            machine.program(tool, "exit 0");
            assertThat(upOn("", INSTALLS, words)).as(tool).isEmpty();
            Files.delete(machine.programs().resolve(tool));
        }

        Files.delete(machine.programs().resolve("etcd"));
        assertThat(upOn("", INSTALLS, words))
                .containsExactly("etcd-server: exit 101, runlevel 1", "etcd-client: exit 101, runlevel 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"down", "status", "--home /nowhere down", "--help", "up --help", "--version"})
    void buildsNothingForWhoeverAsksOrStops(String words) throws IOException {
        Path built = folder.resolve("built");
        machine.program("mvn", "touch " + built + "; exit 1");
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
        machine.program(
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
        LauncherFixture.program(jdk.resolve("bin"), "javac", "exit 1");
        LauncherFixture.program(jdk.resolve("bin"), "java", "echo \"$@\"");
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
        machine.program("id", "echo 0");
        return upWith(installs, words);
    }

    /// Runs `insula up` with a Maven that fails, so that nothing is built or started.
    private List<String> upWith(String installs, String... words) throws IOException {
        return upOn("/bin/true", installs, words);
    }

    /// @param etcd that somebody names; empty for the one on the path
    private List<String> upOn(String etcd, String installs, String... words) throws IOException {
        machine.program("mvn", "exit 1");
        machine.program("apt-cache", "exit 0");
        machine.program("apt-get", "case \"$1\" in install) ;; *) exit 0 ;; esac\n" + installs);
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
        Files.copy(LauncherFixture.launcher(), copy, StandardCopyOption.REPLACE_EXISTING);
        return machine.run(copy, settings, arguments);
    }

    /// Runs `insula test` as one who is told to be root, with a Maven that only says how it was called.
    ///
    /// @param installs what the package manager does to install
    private Run testAsRoot(Path policy, String installs) throws IOException {
        machine.program("id", "echo 0");
        machine.program("mvn", "echo \"tests run: $*\"");
        machine.program("apt-cache", "exit 0");
        machine.program("apt-get", "case \"$1\" in install) ;; *) exit 0 ;; esac\n" + installs);
        return machine.run(
                List.of(
                        "INSULA_ETCD=/bin/true",
                        "INSULA_NEWER_ETCD=/bin/true",
                        "INSULA_POLICY_RC=" + policy,
                        "INSULA_NODE_PROGRAMS=" + folder.resolve("nodes"),
                        "INSTALLED=" + folder.resolve("installed")),
                "test",
                LauncherFixture.PART);
    }

    private List<String> installed() throws IOException {
        Path log = folder.resolve("installed");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private Run up() {
        return machine.run(List.of("INSULA_ETCD="), "up", "--home", home.toString());
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
}
