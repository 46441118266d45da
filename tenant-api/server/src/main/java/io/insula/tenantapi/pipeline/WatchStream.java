package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.registry.WatchSink;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Sends the events of one watch to a client. The answer begins with the first event or when the watch has started,
/// whichever is first: until then it may still be refused. Calls come one at a time (the watch sees to it) but for
/// [#begin], which runs before the live events start to flow.
///
/// The initial events may be many more than a stream queues: the request's own thread, which sends them, waits for
/// the client. Other threads never wait.
final class WatchStream implements WatchSink {

    /// How long a client may take for what is queued of the initial events.
    private static final Duration INITIAL_PATIENCE = Duration.ofSeconds(30);

    private final Exchange exchange;
    private final Rendering rendering;
    private final Clock clock;
    /// Until the initial events have been sent.
    private @Nullable Thread requestThread = Thread.currentThread();

    private @Nullable BodyStream stream;
    private boolean first = true;

    WatchStream(Exchange exchange, Rendering rendering, Clock clock) {
        this.exchange = exchange;
        this.rendering = rendering;
        this.clock = clock;
    }

    /// Sends the headers, if no event has yet, and ends the watch when the client goes.
    ///
    /// @param ended runs when the stream has ended
    synchronized void begin(ObjectStore.Watch watch, Runnable ended) {
        open().onClose(() -> {
            watch.close();
            ended.run();
        });
        requestThread = null;
        exchange.rest();
    }

    @Override
    public synchronized boolean onEvent(String type, ObjectNode object) {
        JsonNode shown = rendering.event(type, object, first, clock.instant());
        first = false;
        var format = rendering.choice().format();
        byte[] body = exchange.codec().encode(shown, format, false);
        byte[] frame = exchange.codec().watchFrame(type, body, format);
        exchange.metrics().watchEvent(exchange.info(), frame.length);
        return hasRoom() && open().write(frame);
    }

    private boolean hasRoom() {
        if (!Thread.currentThread().equals(requestThread)) {
            return true;
        }
        try {
            return open().awaitRoom(INITIAL_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void onEnd() {
        // the audit sink may block, the thread that ends a watch must not
        Thread.ofVirtual().name("watch-end").start(this::finish);
    }

    private synchronized void finish() {
        BodyStream body = open();
        try {
            exchange.streamEnded(200);
        } finally {
            body.close();
        }
    }

    private synchronized BodyStream open() {
        if (stream == null) {
            stream = exchange.stream(
                    200, Map.of("Content-Type", List.of(rendering.choice().streamType())));
        }
        return stream;
    }
}
