package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Attacks: in each test a tenant tries to get at what is not its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IsolationTest {

    private final Installation insula = new Installation();
    private Kubectl mallory = new Kubectl(insula.home(), insula.home());
    private Kubectl victim = mallory;
    private Kubectl host = mallory;

    @BeforeAll
    void start() {
        insula.insula("up").ok();
        victim = insula.tenant("victim", "runc");
        mallory = insula.tenant("mallory", "runc");
        host = insula.host();
        victim.ok("create secret generic treasure --from-literal=gold=1");
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    @Test
    void refusesAnotherTenantsCertificateAtEveryApi() throws Exception {
        for (Kubectl other : new Kubectl[] {victim, host}) {
            String server = server(other);
            assertThat(mallory.run("--server=" + server, "--insecure-skip-tls-verify", "get", "secrets", "-A")
                            .failed())
                    .containsAnyOf("Unauthorized", "must be logged in", "certificate", "x509");
            assertThat(mallory.run("--server=" + server, "--insecure-skip-tls-verify", "create", "configmap", "x")
                            .failed())
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"hostNetwork\": true",
                "\"hostPID\": true",
                "\"volumes\": [{\"name\": \"h\", \"hostPath\": {\"path\": \"/\"}}]",
                "\"nodeName\": \"bare-metal-0\", \"hostIPC\": true",
                "\"runtimeClassName\": \"no-such-runtime\""
            })
    void refusesPodsThatReachForTheHost(String field) {
        Run run = mallory.runWith("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "escape"},
                 "spec": {%s, "containers": [{"name": "c", "image": "i"}]}}
                """.formatted(field), "create", "-f", "-");
        assertThat(run.failed()).containsAnyOf("forbidden", "Forbidden", "Invalid", "invalid", "not found");
        assertThat(host.ok("get pods -A -o yaml")).doesNotContain("escape");
    }

    @Test
    void keepsForgedMarksAwayFromTheHost() {
        mallory.apply("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: forged
                  labels: {insula.io/tenant: victim}
                  annotations: {insula.io/tenant: victim, insula.io/namespace: default, insula.io/name: x}
                spec:
                  containers: [{name: c, image: i}]
                """);
        mallory.ok("wait --for=condition=Ready pod/forged --timeout=60s");
        assertThat(host.ok("get pods -n insula-victim -o name")).isBlank();
        assertThat(host.ok("get pods -A -l insula.io/tenant=victim -o name")).isBlank();
        assertThat(victim.ok("get pods -A -o name")).doesNotContain("forged");
    }

    private static String server(Kubectl kubectl) throws Exception {
        var matcher = Pattern.compile("server: \"?(https://[^\"\\s]+)").matcher(Files.readString(kubectl.kubeconfig()));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }
}
