package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.process.OneKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of many releases against one tenant, two at a time and all without special flags. Each works in a namespace
/// of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
@Order(1)
class ManyClientsTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Installation insula = new Installation().with(KAFKA);
    private Kubectl current = new Kubectl(insula.home(), insula.home());

    @BeforeAll
    void start() {
        insula.insula("up").ok();
        current = insula.tenant("clients", "runc");
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {22, 28, 32, 35})
    void servesKubectl(int minor) throws IOException {
        Kubectl kubectl = inNamespace(current.release("1." + minor), "kubectl-" + minor);
        new KubectlSession(kubectl, minor).run();
    }

    /// Helm 3.9, 3.16, 3.17 and 4.
    @ParameterizedTest
    @ValueSource(strings = {"1.22", "1.28", "1.32", "1.35"})
    void servesTheHelmBesideThatKubectl(String release) throws IOException {
        new HelmSession(ClientTools.helmBeside(release), release, current, insula.home()).run();
    }

    @Test
    void servesFabric8() throws Exception {
        try (var client = Installation.client(current)) {
            new FabricSession(client, "fabric8").run();
        }
    }

    @Test
    void servesTheClientOfJava() throws Exception {
        new JavaClientSession(current.kubeconfig(), "client-java").run();
    }

    @Test
    void servesTheClientOfNode() throws IOException {
        Path modules = ClientTools.nodeClient();
        Path script = modules.resolve("client-node.mjs");
        try (var source = ManyClientsTest.class.getResourceAsStream("/clients/client-node.mjs")) {
            assertThat(source).isNotNull();
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
        }
        String steps = Run.of(
                        List.of("node", script.toString(), current.kubeconfig().toString()), "", PATIENCE)
                .ok();
        assertThat(steps)
                .contains(
                        "informer tells of a new object",
                        "merge patch",
                        "server-side apply",
                        "a watch shows both pods running",
                        "done");
    }

    /// A copy of the kubeconfig whose context has a namespace, made by that kubectl itself.
    private static Kubectl inNamespace(Kubectl kubectl, String namespace) throws IOException {
        Path own = Files.copy(
                kubectl.kubeconfig(),
                kubectl.kubeconfig().resolveSibling(namespace + ".kubeconfig"),
                StandardCopyOption.REPLACE_EXISTING);
        var changed = new Kubectl(kubectl.binary(), own);
        changed.ok("create namespace " + namespace);
        changed.ok("config set-context --current --namespace=" + namespace);
        return changed;
    }
}
