package io.insula.tenantapi.storage.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.SnapshotRequest;
import io.grpc.StatusRuntimeException;
import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.storage.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/// Whole copies of an etcd, and by what a copy is known to hold what it should. On a connection of its own.
/// Thread-safe.
public final class EtcdSnapshots implements AutoCloseable {

    private static final Duration QUICK = Duration.ofSeconds(30);

    /// The size of a store is bounded by its quota, how long a slow disk takes for it is not.
    private static final Duration COPIED_WITHIN = Duration.ofHours(1);

    /// Keys read at once: each may hold as much as a request may have, and somebody may have made all of them so.
    private static final int PAGE = 16;

    private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

    private final EtcdChannel channel;

    /// Does not connect yet.
    ///
    /// @throws StorageException.Unavailable when the TLS material cannot be read
    public EtcdSnapshots(EtcdConfig config) {
        this.channel = new EtcdChannel(config);
    }

    /// What a store holds at one revision, of whatever release of etcd it is.
    ///
    /// @param keys how many
    /// @param sha256 in hexadecimal digits, over all keys with their values and revisions, in the order of keys
    public record Digest(long revision, long keys, String sha256) {}

    /// The store's newest revision, which all its members agree on.
    ///
    /// @throws StorageException.Unavailable when it does not answer
    public long revision() {
        var request = RangeRequest.newBuilder().setKey(ALL).setCountOnly(true).build();
        return range(request).getHeader().getRevision();
    }

    /// Reads everything that there is at a revision.
    ///
    /// @throws StorageException.Compacted when that is history
    /// @throws StorageException.Unavailable when it does not answer
    public Digest digest(long revision) {
        MessageDigest digest = Sha256.start();
        ByteString next = ALL;
        long keys = 0;
        while (true) {
            RangeResponse page = range(RangeRequest.newBuilder()
                    .setKey(next)
                    .setRangeEnd(ALL)
                    .setRevision(revision)
                    .setLimit(PAGE)
                    .build());
            page.getKvsList().forEach(each -> add(digest, each));
            keys += page.getKvsCount();
            if (!page.getMore() || page.getKvsCount() == 0) {
                return new Digest(revision, keys, HexFormat.of().formatHex(digest.digest()));
            }
            next = page.getKvs(page.getKvsCount() - 1).getKey().concat(ALL);
        }
    }

    /// Copies the whole store, as it is at one moment from now on, in the form that etcd's own tools restore: its
    /// database file with a checksum behind it. Source: etcd, `rpc.proto`, `Maintenance.Snapshot`.
    ///
    /// @throws StorageException.Unavailable at once when it does not answer, or when it ends before all is there
    /// @throws IOException when `into` takes no more
    public void save(OutputStream into) throws IOException {
        // no waiting: whoever is gone would be waited for as long as a copy may take
        var maintenance = MaintenanceGrpc.newBlockingStub(channel.ready())
                .withDeadlineAfter(COPIED_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
        try {
            var parts = maintenance.snapshot(SnapshotRequest.getDefaultInstance());
            while (parts.hasNext()) {
                parts.next().getBlob().writeTo(into);
            }
        } catch (StatusRuntimeException e) {
            throw EtcdErrors.unavailable("snapshot", e);
        }
    }

    @Override
    public void close() {
        channel.close();
    }

    private RangeResponse range(RangeRequest request) {
        try {
            return KVGrpc.newBlockingStub(channel.ready())
                    .withWaitForReady()
                    .withDeadlineAfter(QUICK.toNanos(), TimeUnit.NANOSECONDS)
                    .range(request);
        } catch (StatusRuntimeException e) {
            if (EtcdErrors.isCompacted(e)) {
                throw new StorageException.Compacted(request.getRevision(), 0);
            }
            throw EtcdErrors.unavailable("range", e);
        }
    }

    private static void add(MessageDigest digest, KeyValue each) {
        add(digest, each.getKey());
        add(digest, each.getValue());
        digest.update(ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(each.getCreateRevision())
                .putLong(each.getModRevision())
                .putLong(each.getVersion())
                .flip());
    }

    private static void add(MessageDigest digest, ByteString bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.size()).flip());
        digest.update(bytes.asReadOnlyByteBuffer());
    }
}
