package io.insula.controlplane.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.cli.Insula;
import io.insula.tenantapi.api.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Types commands about the service of one home, in this JVM.
record Terminal(Path home) {

    private static final int ANSWERS_WITHIN_MILLIS = 180_000;

    /// What a command has said.
    ///
    /// @param code the exit code
    /// @param error may hold the service's own log, too
    record Said(int code, String output, String error) {}

    /// All that is said.
    String insula(String... arguments) {
        Said said = type(arguments);
        return said.output() + said.error();
    }

    Said type(String... arguments) {
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int code;
        try {
            var all = new ArrayList<>(List.of(arguments));
            all.addAll(List.of("--home", home.toString()));
            code = Insula.run(all.toArray(String[]::new));
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// The condition Ready of a tenant; empty where there is none.
    String ready(String tenant) {
        String tree = type("tenant", "get", tenant, "-o", "json").output();
        try {
            return Json.MAPPER
                    .readTree(tree)
                    .path("status")
                    .path("conditions")
                    .valueStream()
                    .filter(condition -> condition.path("type").asText().equals("Ready"))
                    .map(JsonNode::toString)
                    .findFirst()
                    .orElse("");
        } catch (JsonProcessingException e) {
            throw new AssertionError(tree, e);
        }
    }

    boolean isReady(String tenant) {
        return ready(tenant).contains("\"True\"");
    }

    /// A client of a tenant's API server, as its administrator, which asks once.
    KubernetesClient client(String tenant) {
        Said kubeconfig = type("tenant", "kubeconfig", tenant);
        if (kubeconfig.code() != 0) {
            throw new AssertionError(kubeconfig);
        }
        Config config = Config.fromKubeconfig(kubeconfig.output());
        config.setRequestRetryBackoffLimit(0);
        // a sleeper wakes for the request, on a machine that may be slow
        config.setRequestTimeout(ANSWERS_WITHIN_MILLIS);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /// The process id of a tenant's etcd; empty while none runs.
    String etcd(String tenant) {
        try {
            return Files.readString(home.resolve("tenants").resolve(tenant).resolve("etcd/pid"))
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }
}
