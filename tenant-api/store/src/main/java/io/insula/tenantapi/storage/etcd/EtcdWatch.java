package io.insula.tenantapi.storage.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One watch: a gRPC stream that is opened anew after the last delivered revision whenever it breaks.
/// jetcd's stubs cannot ask for fragments: etcd then sends what it has in one message, and the channel takes any size.
/// Thread-safe: guarded by `lock`, which also makes the listener's calls one at a time.
final class EtcdWatch implements Storage.Subscription {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdWatch.class);
    private static final long RETRY_MILLIS = 250;

    private static final Executor EXECUTOR =
            task -> Thread.ofVirtual().name("etcd-watch").start(task);

    private final Supplier<WatchGrpc.WatchStub> stubs;
    private final String prefix;
    private final Storage.Listener listener;
    private final Consumer<EtcdWatch> onEnd;
    private final ReentrantLock lock = new ReentrantLock();
    private long delivered;
    private @Nullable Stream stream;
    private boolean ended;
    /// Nothing is told from here on, though the lock that ends the watch may still be another's.
    private volatile boolean closing;

    EtcdWatch(
            Supplier<WatchGrpc.WatchStub> stubs,
            String prefix,
            long afterRevision,
            Storage.Listener listener,
            Consumer<EtcdWatch> onEnd) {
        this.stubs = stubs;
        this.prefix = prefix;
        this.delivered = afterRevision;
        this.listener = listener;
        this.onEnd = onEnd;
    }

    void start() {
        locked(() -> {
            if (ended) {
                return;
            }
            var opened = new Stream();
            stream = opened;
            var create = WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(prefix))
                    .setRangeEnd(EtcdStorage.rangeEnd(prefix))
                    .setStartRevision(delivered + 1)
                    .setPrevKv(true)
                    .setProgressNotify(true);
            var requests = stubs.get().watch(opened);
            requests.onNext(WatchRequest.newBuilder().setCreateRequest(create).build());
        });
    }

    /// Ends the watch with an error, once, unless the subscriber closed it.
    void end(StorageException error) {
        // off the caller's thread: the listener is never called on it
        EXECUTOR.execute(() -> locked(() -> {
            if (!ended && !closing) {
                finish();
                listener.onError(error);
            }
        }));
    }

    @Override
    public void close() {
        closing = true;
        if (lock.isHeldByCurrentThread()) {
            finish();
            return;
        }
        // a listener that is being called must not keep the closing thread: cancel without its lock
        EXECUTOR.execute(() -> locked(this::finish));
    }

    private void finish() {
        if (!ended) {
            ended = true;
            if (stream != null) {
                stream.cancel();
            }
            onEnd.accept(this);
        }
    }

    private void receive(WatchResponse response) {
        if (closing) {
            return;
        }
        if (response.getCanceled()) {
            cancelled(response);
            return;
        }
        if (response.getCreated()) {
            return;
        }
        if (response.getEventsCount() == 0) {
            long reached = response.getHeader().getRevision();
            delivered = Math.max(delivered, reached);
            listener.onProgress(reached);
            return;
        }
        List<StorageEvent> events =
                response.getEventsList().stream().map(EtcdWatch::event).toList();
        delivered = Math.max(delivered, events.getLast().modRevision());
        listener.onEvents(events);
    }

    private void cancelled(WatchResponse response) {
        if (response.getCompactRevision() > 0) {
            finish();
            listener.onError(new StorageException.Compacted(delivered, response.getCompactRevision()));
        } else {
            broken(response.getCancelReason());
        }
    }

    private void broken(@Nullable String why) {
        LOG.atDebug().addKeyValue("prefix", prefix).addKeyValue("why", why).log("watch broke: opening it again");
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
        CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, EXECUTOR)
                .execute(this::start);
    }

    private static StorageEvent event(Event event) {
        boolean put = event.getType() == Event.EventType.PUT;
        var kv = event.getKv();
        return new StorageEvent(
                kv.getKey().toStringUtf8(),
                put ? kv.getValue().toByteArray() : null,
                event.hasPrevKv() ? event.getPrevKv().getValue().toByteArray() : null,
                kv.getModRevision());
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    private final class Stream implements ClientResponseObserver<WatchRequest, WatchResponse> {

        private volatile @Nullable ClientCallStreamObserver<WatchRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> started) {
            call = started;
        }

        @Override
        public void onNext(WatchResponse response) {
            ifCurrent(() -> receive(response));
        }

        @Override
        public void onError(Throwable error) {
            ifCurrent(() -> broken(Status.fromThrowable(error).toString()));
        }

        @Override
        public void onCompleted() {
            ifCurrent(() -> broken("completed"));
        }

        void cancel() {
            var started = call;
            if (started != null) {
                started.cancel("watch closed", null);
            }
        }

        private void ifCurrent(Runnable action) {
            locked(() -> {
                if (!ended && stream == this) {
                    action.run();
                }
            });
        }
    }
}
