package io.insula.it.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Both ways of starting a backend must give the same: where Docker is absent only the process is there to prove.
class BackendTest {

    static Stream<Arguments> etcds() {
        var process = Arguments.of("process", (java.util.function.Supplier<Backend>)
                () -> ProcessBackend.etcd(java.nio.file.Path.of("/usr/bin/etcd")));
        return Stream.of(process, Arguments.of("preferred", (java.util.function.Supplier<Backend>) Backend::etcd));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("etcds")
    void startsAnEtcdThatAnswers(String name, java.util.function.Supplier<Backend> start) throws Exception {
        try (Backend etcd = start.get();
                HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://" + etcd.endpoint() + "/version"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            String version =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            assertThat(version).contains("etcdserver");
        }
    }

    @Test
    void startsAKafkaThatAnswers() throws Exception {
        try (Backend kafka = Backend.kafka();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.endpoint()))) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    @Test
    void usesContainersWhereADockerEngineAnswers() {
        try (Backend etcd = Backend.etcd()) {
            assertThat(etcd.runsAs()).isEqualTo(Backend.dockerAnswers() ? "container" : "process");
        }
    }
}
