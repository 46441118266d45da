package io.insula.tenantapi.storage.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.grpc.StatusRuntimeException;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// One tenant's store on its etcd. Keys are used exactly as given. Thread-safe.
///
/// Reads are retried until the deadline where the connection broke; writes are not, as nobody knows whether they
/// happened. Watches outlive connections and restarts of etcd.
public final class EtcdStorage implements Storage {

    private final EtcdConfig config;
    private final EtcdChannel channel;
    private final EtcdLeases leases;
    private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();
    private final SpaceNotice space = new SpaceNotice();
    private volatile boolean closed;

    /// Does not connect yet.
    ///
    /// @throws StorageException.Unavailable when the TLS material cannot be read
    public EtcdStorage(EtcdConfig config) {
        this.config = config;
        this.channel = new EtcdChannel(config);
        this.leases = new EtcdLeases(() -> LeaseGrpc.newBlockingStub(channel.ready())
                .withWaitForReady()
                .withDeadlineAfter(config.deadline().toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public long create(String key, byte[] value, Duration ttl) {
        ByteString name = ByteString.copyFromUtf8(key);
        while (true) {
            long lease = leaseFor(key, ttl);
            var put = PutRequest.newBuilder()
                    .setKey(name)
                    .setValue(UnsafeByteOperations.unsafeWrap(value))
                    .setLease(lease)
                    .build();
            try {
                TxnResponse response =
                        kv().txn(onRevision(name, 0, RequestOp.newBuilder().setRequestPut(put)));
                if (!response.getSucceeded()) {
                    throw new StorageException.KeyExists(key);
                }
                return response.getHeader().getRevision();
            } catch (StatusRuntimeException e) {
                if (lease == 0 || !EtcdErrors.isLeaseGone(e)) {
                    return settled(key, value, 0, e);
                }
                leases.forget(lease);
            }
        }
    }

    @Override
    public Optional<StoredValue> get(String key) {
        var request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key));
        RangeResponse response = range("get " + key, request.build());
        return response.getKvsList().stream().findFirst().map(EtcdStorage::stored);
    }

    @Override
    public StoragePage list(String prefix, String startKey, long revision, int limit) {
        var request = RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(startKey.isEmpty() ? prefix : startKey))
                .setRangeEnd(rangeEnd(prefix))
                .setRevision(revision)
                .setLimit(limit);
        RangeResponse response;
        try {
            response = range("list " + prefix, request.build());
        } catch (StorageException.Unavailable e) {
            Throwable cause = e.getCause();
            if (cause != null && EtcdErrors.isCompacted(cause)) {
                throw new StorageException.Compacted(revision, 0);
            }
            if (cause != null && EtcdErrors.isFuture(cause)) {
                throw new StorageException.FutureRevision(revision, currentRevision());
            }
            throw e;
        }
        List<StoredValue> values =
                response.getKvsList().stream().map(EtcdStorage::stored).toList();
        long shown = revision == 0 ? response.getHeader().getRevision() : revision;
        return new StoragePage(values, shown, response.getCount());
    }

    @Override
    public long update(String key, byte[] value, long expectedRevision) {
        ByteString name = ByteString.copyFromUtf8(key);
        var put = PutRequest.newBuilder()
                .setKey(name)
                .setValue(UnsafeByteOperations.unsafeWrap(value))
                .setIgnoreLease(true)
                .build();
        try {
            return write(name, expectedRevision, RequestOp.newBuilder().setRequestPut(put));
        } catch (StatusRuntimeException e) {
            return settled(key, value, expectedRevision, e);
        }
    }

    @Override
    public long delete(String key, long expectedRevision) {
        ByteString name = ByteString.copyFromUtf8(key);
        var delete = DeleteRangeRequest.newBuilder().setKey(name).build();
        try {
            return write(name, expectedRevision, RequestOp.newBuilder().setRequestDeleteRange(delete));
        } catch (StatusRuntimeException e) {
            throw EtcdErrors.write(key, 0, e);
        }
    }

    @Override
    public long currentRevision() {
        var request =
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("/")).setCountOnly(true);
        return range("revision", request.build()).getHeader().getRevision();
    }

    @Override
    public Subscription watch(String prefix, long afterRevision, Listener listener) {
        requireOpen();
        var watch = new EtcdWatch(
                () -> WatchGrpc.newStub(channel.ready()).withWaitForReady(),
                prefix,
                afterRevision,
                listener,
                watches::remove);
        watches.add(watch);
        watch.start();
        if (closed) {
            watch.end(new StorageException.Unavailable("store closed", null));
        }
        return watch;
    }

    @Override
    public Optional<String> readOnlyBecause() {
        return space.isExceeded()
                ? Optional.of("etcd is out of space: nothing but deletions is possible until there is space again")
                : Optional.empty();
    }

    /// What is known of etcd's space, for whoever watches it.
    SpaceNotice space() {
        return space;
    }

    /// Calls that look after the store itself.
    ///
    /// @param within their deadline
    MaintenanceGrpc.MaintenanceBlockingStub maintenance(Duration within) {
        requireOpen();
        return MaintenanceGrpc.newBlockingStub(channel.ready())
                .withWaitForReady()
                .withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Makes revisions before `revision` unreadable; a revision that already is, is no error.
    public void compact(long revision) {
        compact(revision, false);
    }

    /// @param physical whether to wait until the space is free within etcd's file
    void compact(long revision, boolean physical) {
        try {
            kv().compact(CompactionRequest.newBuilder()
                    .setRevision(revision)
                    .setPhysical(physical)
                    .build());
        } catch (StatusRuntimeException e) {
            if (!EtcdErrors.isCompacted(e)) {
                throw EtcdErrors.unavailable("compact", e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        watches.forEach(watch -> watch.end(new StorageException.Unavailable("store closed", null)));
        channel.close();
    }

    /// The end of the range of all keys with a prefix: the prefix with its last byte that can be counted up.
    static ByteString rangeEnd(String prefix) {
        ByteString bytes = ByteString.copyFromUtf8(prefix);
        if (bytes.isEmpty()) {
            return ByteString.copyFrom(new byte[1]);
        }
        // UTF-8 has no byte 0xff
        byte last = (byte) (bytes.byteAt(bytes.size() - 1) + 1);
        return bytes.substring(0, bytes.size() - 1).concat(ByteString.copyFrom(new byte[] {last}));
    }

    private long write(ByteString key, long expectedRevision, RequestOp.Builder operation) {
        TxnResponse response = kv().txn(onRevision(key, expectedRevision, operation));
        if (!response.getSucceeded()) {
            throw new StorageException.Conflict(key.toStringUtf8(), expectedRevision);
        }
        return response.getHeader().getRevision();
    }

    /// What a failed put came to. etcd answers that its space is exceeded also for the one write that exceeded it while
    /// others were under way, which it has carried out: so the key is looked at. Source: etcd 3.4,
    /// `etcdserver/apply.go`, `quotaApplierV3`.
    ///
    /// @return the revision of the write where it happened
    private long settled(String key, byte[] value, long expectedRevision, StatusRuntimeException error) {
        StorageException failure = EtcdErrors.write(key, value.length, error);
        if (!(failure instanceof StorageException.NoSpace)) {
            throw failure;
        }
        space.refused();
        return get(key).filter(now -> now.modRevision() > expectedRevision && Arrays.equals(now.value(), value))
                .map(StoredValue::modRevision)
                .orElseThrow(() -> failure);
    }

    private long leaseFor(String key, Duration ttl) {
        requireOpen();
        try {
            return leases.lease(ttl);
        } catch (StatusRuntimeException e) {
            StorageException failure = EtcdErrors.write(key, 0, e);
            if (failure instanceof StorageException.NoSpace) {
                space.refused();
            }
            throw failure;
        }
    }

    private RangeResponse range(String what, RangeRequest request) {
        long end = System.nanoTime() + config.deadline().toNanos();
        while (true) {
            try {
                return kv(Math.max(1, end - System.nanoTime())).range(request);
            } catch (StatusRuntimeException e) {
                if (closed || !EtcdErrors.isTransient(e) || System.nanoTime() - end >= 0) {
                    throw EtcdErrors.unavailable(what, e);
                }
            }
        }
    }

    private static TxnRequest onRevision(ByteString key, long revision, RequestOp.Builder operation) {
        var compare = Compare.newBuilder()
                .setKey(key)
                .setTarget(Compare.CompareTarget.MOD)
                .setResult(Compare.CompareResult.EQUAL)
                .setModRevision(revision);
        return TxnRequest.newBuilder().addCompare(compare).addSuccess(operation).build();
    }

    private KVGrpc.KVBlockingStub kv() {
        return kv(config.deadline().toNanos());
    }

    private KVGrpc.KVBlockingStub kv(long deadlineNanos) {
        requireOpen();
        return KVGrpc.newBlockingStub(channel.ready())
                .withWaitForReady()
                .withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS);
    }

    private void requireOpen() {
        if (closed) {
            throw new StorageException.Unavailable("store closed", null);
        }
    }

    private static StoredValue stored(KeyValue kv) {
        return new StoredValue(kv.getKey().toStringUtf8(), kv.getValue().toByteArray(), kv.getModRevision());
    }
}
