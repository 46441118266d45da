package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodSecurityRulesTest {

    private static final String AT = "spec.securityContext.";

    @Test
    void refusesNamesOfSysctlsThatNoKernelHas() {
        var checks = new Checks();
        PodSecurityRules.pod(checks, json("""
                        {"securityContext": {"sysctls": [
                          {"name": "foo-", "value": "bar"}, {"name": "kernel.shmmax", "value": "1"},
                          {"name": "safe-and-unsafe", "value": "1"}, {"name": "bar..", "value": "42"}]}}"""), "spec");
        assertThat(checks.errors().toString())
                .contains("foo-", "bar..")
                .doesNotContain("kernel.shmmax", "safe-and-unsafe");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"runAsUser": -1}                                       | runAsUser                       | must be between 0 and 2147483647, inclusive
                    {"fsGroup": 2147483648}                                 | fsGroup                         | must be between 0 and 2147483647, inclusive
                    {"supplementalGroups": [1, -5]}                         | supplementalGroups[1]           | must be between 0 and 2147483647, inclusive
                    {"seccompProfile": {}}                                  | seccompProfile.type             | type is required when seccompProfile is set
                    {"seccompProfile": {"type": "Localhost"}}               | seccompProfile.localhostProfile | must be set when seccomp type is Localhost
                    {"seccompProfile": {"type": "Unconfined", "localhostProfile": "a"}} | seccompProfile.localhostProfile | can only be set when seccomp type is Localhost
                    {"sysctls": [{"name": "a.b"}, {"name": "a.b"}]}         | sysctls[1].name                 | Duplicate value
                    """)
    void refusesAContext(String context, String field, String message) {
        var checks = new Checks();
        PodSecurityRules.pod(checks, json("{\"securityContext\": " + context + "}"), "spec");
        assertThat(checks.errors()).hasSize(1);
        assertThat(checks.errors().getFirst().field()).isEqualTo(AT + field);
        assertThat(checks.errors().getFirst().toString()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"allowPrivilegeEscalation": false, "privileged": true}                           | 1
                    {"allowPrivilegeEscalation": false, "capabilities": {"add": ["CAP_SYS_ADMIN"]}}   | 1
                    {"allowPrivilegeEscalation": false, "capabilities": {"add": ["CAP_NET_ADMIN"]}}   | 0
                    {"privileged": true}                                                              | 0
                    """)
    void refusesPrivilegeWithoutEscalation(String context, int findings) {
        var checks = new Checks();
        PodSecurityRules.container(checks, json("{\"securityContext\": " + context + "}"), "spec.containers[0]");
        assertThat(checks.errors()).hasSize(findings);
    }

    private static JsonNode json(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
