package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Wrong input gets one clear error and changes nothing. The tests of the running service come first, then it
/// is taken down and its home folder is damaged file by file.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(2)
class WrongInputTest {

    private static final int USAGE = 2;

    private final Installation insula = new Installation();
    private Kubectl host = new Kubectl(insula.home(), insula.home());
    private final List<Integer> firstExitCodes = new ArrayList<>();
    private final List<String> firstOutputs = new ArrayList<>();

    /// By two people at once: see [#startsOnceWhenTwoAskAtOnce].
    @BeforeAll
    void start() throws Exception {
        Path one = insula.home().resolveSibling(insula.home().getFileName() + ".1");
        Path two = insula.home().resolveSibling(insula.home().getFileName() + ".2");
        var starting = List.of(insula.start(one, "up"), insula.start(two, "up"));
        for (Process up : starting) {
            assertThat(up.waitFor(5, TimeUnit.MINUTES)).isTrue();
            firstExitCodes.add(up.exitValue());
        }
        for (Path output : List.of(one, two)) {
            firstOutputs.add(Files.readString(output));
            Files.delete(output);
        }
        insula.tenant("acme", "runc").ok("create configmap kept --from-literal=a=b");
        host = insula.host();
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("Bad_Name", USAGE, new String[] {"tenant", "create", "Bad_Name"}),
                Arguments.of("at most 40", USAGE, new String[] {"tenant", "create", "a".repeat(41)}),
                Arguments.of("../x", USAGE, new String[] {"tenant", "get", "../x"}),
                Arguments.of("nope", 1, new String[] {"tenant", "create", "blue", "--profile", "nope"}),
                Arguments.of("already exists", 1, new String[] {"tenant", "create", "acme"}),
                Arguments.of("nobody", 1, new String[] {"tenant", "get", "nobody"}),
                Arguments.of("nobody", 1, new String[] {"tenant", "delete", "nobody"}),
                Arguments.of("nobody", 1, new String[] {"tenant", "kubeconfig", "nobody"}),
                Arguments.of("user", 1, new String[] {"tenant", "kubeconfig", "acme", "--user", "a\"b: [c"}),
                Arguments.of("xml", USAGE, new String[] {"tenant", "get", "acme", "-o", "xml"}),
                Arguments.of("--lines", USAGE, new String[] {"audit", "tail", "-n", "many"}),
                Arguments.of("--frobnicate", USAGE, new String[] {"up", "--frobnicate"}),
                Arguments.of("runs in", 1, new String[] {"up", "--foreground"}));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    @Order(1)
    void saysWhatIsWrongAndChangesNothing(String named, int code, String[] words) {
        String before = tenants();
        Run run = insula.insula(words);
        assertThat(run.failed()).contains(named).doesNotContain("\tat ");
        assertThat(run.code()).isEqualTo(code);
        assertThat(tenants()).isEqualTo(before);
    }

    /// Which there are, and what is wanted of each; by kubectl, which starts sooner than a JVM.
    private String tenants() {
        String all = host.ok("get tenants -o jsonpath={range.items[*]}{.metadata.uid}:{.metadata.generation}:"
                + "{.metadata.deletionTimestamp}:{.spec}{end}");
        assertThat(all).contains("\"runc\"");
        return all;
    }

    @Test
    @Order(2)
    void startsOnceWhenTwoAskAtOnce() {
        assertThat(firstExitCodes).containsExactly(0, 0);
        assertThat(firstOutputs).allMatch(output -> output.contains("Insula"));
        assertThat(insula.processes("ServiceMain")).hasSize(1);
    }

    @Test
    @Order(3)
    void findsTheRunningOneOnASecondUp() {
        assertThat(insula.insula("up").ok()).contains("up already");
        assertThat(insula.processes("ServiceMain")).hasSize(1);
    }

    @Test
    @Order(4)
    void goesDownTwice() {
        assertThat(insula.insula("down").ok()).contains("is down");
        assertThat(insula.processes("")).isEmpty();
        assertThat(insula.insula("down").ok()).contains("nothing ran");
        assertThat(insula.insula("tenant", "list").failed()).contains("type `insula up");
    }

    /// All that can be damaged: `DamagedHomeTest`.
    @ParameterizedTest
    @CsvSource({"state.json, { not json, state.json", "host/etcd/data/member/snap/db, rubbish, etcd host"})
    @Order(5)
    void namesADamagedFileAndLeavesIt(String file, String content, String named) throws IOException {
        Path damaged = insula.home().resolve(file);
        Path saved = insula.home().resolveSibling(insula.home().getFileName() + ".saved");
        Files.copy(damaged, saved, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(damaged, content);
        try {
            assertThat(insula.insula("up").failed()).contains(named).doesNotContain("\tat ");
            assertThat(insula.processes("")).isEmpty();
            assertThat(damaged).hasContent(content);
        } finally {
            Files.move(saved, damaged, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    @Order(7)
    void keepsAUserOutOfAnothersHome() throws IOException {
        // Root may enter any folder: without that right it is a user like any other.
        boolean root = System.getProperty("user.name").equals("root");
        Files.setPosixFilePermissions(
                insula.home(), java.nio.file.attribute.PosixFilePermissions.fromString("---------"));
        try {
            for (String command : List.of("up", "status", "down")) {
                Run run = insula.insulaAfter(
                        root ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search") : List.of(),
                        command);
                assertThat(run.failed()).contains("may not work in it").doesNotContain("\tat ");
            }
        } finally {
            Files.setPosixFilePermissions(
                    insula.home(), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        }
    }

    /// After all that: one inner port is somebody else's by now, and a tenant's certificates are damaged.
    @Test
    @Order(8)
    void movesFromATakenInnerPortAndServesTheOtherTenants() throws Exception {
        String state = Files.readString(insula.home().resolve("state.json"));
        try (var _ = new ServerSocket(port(state, "tenant/acme/etcd"), 1, InetAddress.getLoopbackAddress());
                var _ = new ServerSocket(port(state, "kafka"), 1, InetAddress.getLoopbackAddress())) {
            insula.insula("up").ok();
            assertThat(insula.kubectl("acme").ok("get configmap kept -o jsonpath={.data.a}"))
                    .isEqualTo("b");
            insula.tenant("other", "runc");
            insula.insula("down").ok();
        }
        Path damaged = insula.home().resolve("tenants/acme/pki/ca.crt");
        String certificate = Files.readString(damaged);
        Files.writeString(damaged, "");
        assertThat(insula.insula("up").ok()).contains("tenant acme is not ready", damaged.toString());
        assertThat(insula.insula("status").out()).contains("1 of 2 ready");
        assertThat(insula.insula("tenant", "get", "acme").ok()).contains("False", damaged.toString());
        assertThat(insula.kubectl("other").ok("get ns")).contains("default");
        assertThat(damaged).hasContent("");
        Files.writeString(damaged, certificate);
        Installation.await(
                "acme is back by itself",
                Duration.ofMinutes(2),
                () -> insula.insula("status").out().contains("2 of 2 ready"));
    }

    static Stream<Arguments> wrongStarts() {
        return Stream.of(
                Arguments.of("--listen", new String[] {"--listen", "198.51.100.77"}),
                Arguments.of("--listen", new String[] {"--listen", "no such address"}),
                Arguments.of("--advertise", new String[] {"--advertise", "a b"}),
                Arguments.of("--kafka-bootstrap", new String[] {"--kafka-bootstrap", "nonsense"}),
                Arguments.of("--kafka-config", new String[] {"--kafka-config", "/does/not/exist"}),
                Arguments.of("--host-kubeconfig", new String[] {"--host-kubeconfig", "/does/not/exist"}),
                Arguments.of("--admin-port", new String[] {"--admin-port", "70000"}));
    }

    @ParameterizedTest
    @MethodSource("wrongStarts")
    @Order(9)
    void startsNothingWithWrongOptions(String named, String[] options) throws IOException {
        try (var fresh = new Installation()) {
            var words = new ArrayList<>(List.of("up"));
            words.addAll(List.of(options));
            Run run = fresh.insula(words.toArray(String[]::new));
            assertThat(run.failed()).contains(named).doesNotContain("\tat ");
            assertThat(fresh.processes("")).isEmpty();
            assertThat(fresh.home()).isEmptyDirectory();
        }
    }

    private static int port(String state, String purpose) throws IOException {
        return new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(state)
                .path("ports")
                .path(purpose)
                .asInt();
    }
}
