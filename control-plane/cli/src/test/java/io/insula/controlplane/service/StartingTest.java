package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.admin.AdminPki;
import io.insula.controlplane.home.Home;
import io.insula.process.Survivors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host etcd that takes its time: it waits for the lock of its own database, which somebody else holds.
final class StartingTest {

    @TempDir
    private Path home;

    private final List<String> progress = new CopyOnWriteArrayList<>();
    private Process lock = unset();

    @BeforeEach
    void holdTheLock() throws IOException {
        InsulaService.start(ServicePlan.of(home), _ -> {}).close();
        lock = new ProcessBuilder(
                        "flock", home.resolve("host/etcd/data/member/snap/db").toString(), "sh", "-c", "echo held; cat")
                .start();
        assertThat(lock.inputReader().readLine()).isEqualTo("held");
    }

    @AfterEach
    void letGo() throws IOException {
        lock.getOutputStream().close();
    }

    private String insula(String... arguments) {
        return new Terminal(home).insula(arguments);
    }

    @Test
    void answersAndSaysWhatItWaitsForFromTheFirstSecondOn() throws IOException, InterruptedException {
        try (var service = InsulaService.begin(ServicePlan.of(home), progress::add)) {
            assertThat(insula("status")).contains("start", "NOT READY", "waits for", "host etcd", "0 of 0 ready");
            assertThat(insula("tenant", "list")).contains("starting", "host etcd", "insula status");
            assertThat(file().ready()).isFalse();
            assertThat(metrics())
                    .as("loops that have not begun")
                    .contains(
                            "insula_reconcile_duration_seconds_count{loop=\"tenants\",outcome=\"settled\"} 0",
                            "insula_reconcile_duration_seconds_count{loop=\"syncer\",outcome=\"failed\"} 0",
                            "insula_reconcile_queue_depth{loop=\"tenants\"} 0",
                            "insula_reconcile_queue_depth{loop=\"syncer\"} 0");

            lock.getOutputStream().close();
            service.awaitReady();

            // the start does not wait for Kafka, as events wait on disk for it
            await("all is ready", () -> !insula("status").contains("NOT READY"));
            assertThat(insula("tenant", "create", "acme")).contains("acme");
            assertThat(progress).anyMatch(line -> line.startsWith("host etcd") && line.contains("ready"));
        }
    }

    @Test
    void stopsInTheMiddleOfAStartAndLeavesNothingRunning() {
        var service = InsulaService.begin(ServicePlan.of(home), progress::add);
        service.close();

        assertThatThrownBy(service::awaitReady).isInstanceOf(StartSteps.StoppedException.class);
        assertThat(Survivors.withArgumentPrefix("--data-dir=" + home)).isEmpty();
        assertThat(home.resolve("service.json")).doesNotExist();
    }

    private ServiceFile file() {
        return ServiceFile.read(new Home(home)).orElseThrow();
    }

    private String metrics() throws IOException, InterruptedException {
        try (var http = HttpClient.newBuilder()
                .sslContext(AdminPki.superuserTls(new Home(home), Clock.systemUTC()))
                .build()) {
            var request = HttpRequest.newBuilder(URI.create(file().endpoint() + "/metrics"))
                    .build();
            return http.send(request, BodyHandlers.ofString()).body();
        }
    }

    /// Set before every test.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T unset() {
        return null;
    }
}
