package io.insula.node.containerd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Says that something has changed, by containerd's own events: CRI's are younger than the containerd of Debian 12.
/// What an event says is not read: whoever listens asks for the truth. Events that come while the listener is at work
/// become one. Thread-safe; one virtual thread, joined by [#close].
///
/// Source: containerd `api/services/events/v1/events.proto`.
final class TaskEvents implements AutoCloseable {

    /// After which the listener is called even without an event.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final byte[] NO_FILTERS = {};

    private static final MethodDescriptor<byte[], byte[]> SUBSCRIBE = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName("containerd.services.events.v1.Events/Subscribe")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private final ManagedChannel channel;
    private final Semaphore events = new Semaphore(0);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread caller;

    private TaskEvents(ManagedChannel channel, Runnable changed) {
        this.channel = channel;
        this.caller = Thread.ofVirtual().name("insula-cri-events").unstarted(() -> call(changed));
    }

    static TaskEvents follow(ManagedChannel channel, Runnable changed) {
        var events = new TaskEvents(channel, changed);
        events.caller.start();
        return events;
    }

    private void call(Runnable changed) {
        var stream = subscribe();
        try {
            while (!closing.await(0, TimeUnit.MILLISECONDS)) {
                events.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                events.drainPermits();
                if (stream.ended.getCount() == 0) {
                    if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    stream = subscribe();
                }
                if (closing.getCount() > 0) {
                    changed.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stream.call.cancel("closed", null);
        }
    }

    private Stream subscribe() {
        var stream = new Stream(channel.newCall(SUBSCRIBE, CallOptions.DEFAULT));
        stream.call.start(stream, new Metadata());
        stream.call.sendMessage(NO_FILTERS);
        stream.call.halfClose();
        stream.call.request(1);
        return stream;
    }

    @Override
    public void close() {
        closing.countDown();
        events.release();
        if (Thread.currentThread().equals(caller)) {
            return;
        }
        try {
            caller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Stream extends ClientCall.Listener<byte[]> {

        private final ClientCall<byte[], byte[]> call;
        private final CountDownLatch ended = new CountDownLatch(1);

        private Stream(ClientCall<byte[], byte[]> call) {
            this.call = call;
        }

        @Override
        public void onMessage(byte[] message) {
            events.release();
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended.countDown();
            events.release();
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
