package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.syncer.engine.Api.ApiFailure;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An API server that is killed and comes back: what waits for it must go on at once, not after its own long pause.
class WatchedApiTest {

    private static final SyncKey KEY = new SyncKey(new TenantId("acme"), "Pod", "default", "web");
    private static final SyncKey OTHER = new SyncKey(new TenantId("globex"), "Pod", "default", "web");

    private final AtomicInteger probes = new AtomicInteger();
    private final LinkedBlockingQueue<SyncKey> released = new LinkedBlockingQueue<>();
    private volatile int probeCode = 0;
    private final WatchedApi api = new WatchedApi(
            "the host",
            new Api() {
                @Override
                public Optional<JsonNode> get(String path) {
                    probes.incrementAndGet();
                    if (probeCode != 200) {
                        throw new ApiFailure(probeCode, "connection refused");
                    }
                    return Optional.of(Trees.object());
                }

                @Override
                public JsonNode send(String method, String path, String contentType, JsonNode body, String auditId) {
                    if (path.equals("/busy")) {
                        throw new ApiFailure(429, path, Duration.ofMillis(400));
                    }
                    throw new ApiFailure(path.equals("/refused") ? 403 : 0, path);
                }
            },
            released::add,
            InstantSource.system());

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void letsParkedKeysGoOnTheMomentTheServerAnswers() throws Exception {
        fail("/pods");
        assertThat(api.park(KEY)).isTrue();
        assertThat(api.park(OTHER)).isTrue();
        while (probes.get() < 3) {
            assertThat(released.poll(10, TimeUnit.MILLISECONDS)).isNull();
        }
        assertThat(api.trouble("HostNotAnswering").map(SyncTrouble::message).orElse("the host"))
                .startsWith("the host");

        probeCode = 200;

        assertThat(new SyncKey[] {released.poll(1, TimeUnit.MINUTES), released.poll(1, TimeUnit.MINUTES)})
                .containsExactlyInAnyOrder(KEY, OTHER);
        assertThat(api.park(KEY)).isFalse();
    }

    @Test
    void letsGoOnWhenOnlyThatRequestFailed() throws Exception {
        probeCode = 200;
        fail("/pods");
        if (api.park(KEY)) {
            assertThat(released.poll(1, TimeUnit.MINUTES)).isEqualTo(KEY);
        }
    }

    /// It answers other questions: that it does is no reason to ask for more.
    @Test
    void leavesABusyServerAloneForAsLongAsItAsksAndLongerNextTime() throws Exception {
        probeCode = 200;
        long first = parkedFor();
        long second = parkedFor();

        assertThat(first).isGreaterThanOrEqualTo(400);
        assertThat(second).isGreaterThanOrEqualTo(800);
    }

    private long parkedFor() throws InterruptedException {
        long begun = System.nanoTime();
        fail("/busy");
        assertThat(api.park(KEY)).isTrue();
        assertThat(released.poll(1, TimeUnit.MINUTES)).isEqualTo(KEY);
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }

    @Test
    void takesARefusalForAnAnswer() {
        fail("/refused");

        assertThat(api.park(KEY)).isFalse();
        assertThat(probes).hasValue(0);
    }

    @Test
    void keepsNothingOfATenantThatLeft() throws Exception {
        fail("/pods");
        api.park(KEY);
        api.park(OTHER);
        api.forget(KEY.tenant());
        probeCode = 200;

        assertThat(released.poll(1, TimeUnit.MINUTES)).isEqualTo(OTHER);
        assertThat(released.poll(Duration.ofMillis(50).toMillis(), TimeUnit.MILLISECONDS))
                .isNull();
    }

    private void fail(String path) {
        assertThatThrownBy(() -> api.send("PATCH", path, Api.APPLY, Trees.object(), "audit"))
                .isInstanceOf(ApiFailure.class);
    }
}
