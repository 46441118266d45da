package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.process.Survivors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Starts on a home that was good and is damaged since: each names what is wrong, leaves it as it is, and
/// leaves nothing running.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DamagedHomeTest {

    @TempDir
    private static Path folder;

    private Path home = Path.of("");

    @BeforeAll
    void makeAHome() {
        home = folder.resolve("home");
        InsulaService.start(ServicePlan.of(home), _ -> {}).close();
    }

    @ParameterizedTest
    @CsvSource({
        "state.json, '', state.json",
        "admin/ca.crt, '', admin/ca.crt",
        "host/pki/ca.key, rubbish, host/pki/ca",
        "kafka/data/meta.properties, rubbish, kafka",
        "audit/_host/shipped, rubbish, audit/_host/shipped"
    })
    void namesADamagedFileAndLeavesIt(String file, String content, String named) throws IOException {
        Path damaged = home.resolve(file);
        Path saved = Files.copy(damaged, folder.resolve("saved"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(damaged, content);
        try {
            assertDoesNotStart(refused -> refused.hasMessageContaining(named));
            assertThat(damaged).hasContent(content);
        } finally {
            Files.move(saved, damaged, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// It is there while a service runs only; the command looks at it before it starts another.
    @Test
    void namesAnUnreadableFileOfAServiceThatRuns() throws IOException {
        Path file = Files.writeString(home.resolve("service.json"), "rubbish");
        try {
            Terminal.Said said = new Terminal(home).type("up", "--nodes=simulated");
            assertThat(said.code()).isEqualTo(1);
            assertThat(said.error()).contains(file.toString()).doesNotContain("\tat ");
            assertThat(file).hasContent("rubbish");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void neverBeginsAnewInPlaceOfALostStore() throws IOException {
        Path store = home.resolve("host/etcd/data");
        Path away = home.resolve("host/etcd/away");
        Files.move(store, away);
        try {
            assertDoesNotStart(
                    refused -> refused.hasMessageContaining(store.toString()).hasMessageContaining("is gone"));
            assertThat(store).doesNotExist();
        } finally {
            Files.move(away, store);
        }
    }

    @Test
    void namesATakenPortThatPeopleKnow() throws IOException {
        String state = Files.readString(home.resolve("state.json"));
        int port = HomeState.open(new Home(home)).port("host/api").orElseThrow();
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertDoesNotStart(refused -> refused.hasMessageContaining(Integer.toString(port))
                    .hasMessageContaining("API server of host")
                    .hasMessageContaining("--new-ports"));
        }
        assertThat(home.resolve("state.json")).hasContent(state);
    }

    private void assertDoesNotStart(Consumer<AbstractThrowableAssert<?, ? extends Throwable>> refused) {
        refused.accept(assertThatThrownBy(() -> InsulaService.start(ServicePlan.of(home), _ -> {})));
        assertThat(Survivors.withArgumentPrefix("--data-dir=" + home)).isEmpty();
        assertThat(Survivors.withArgumentPrefix(home.toString())).isEmpty();
    }
}
