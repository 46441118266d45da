package io.insula.tenantapi.storage.etcd;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Leases shared by keys of the same time to live: one lease takes keys for a minute, at most 1000 of them, so that a
/// storm of events does not make a storm of leases. Keys may therefore live up to a minute longer.
/// Source: kubernetes/apiserver, `storage/etcd3/lease_manager.go`. Thread-safe: guarded by `this`.
final class EtcdLeases {

    private static final long REUSE_SECONDS = 60;
    private static final int MAX_KEYS = 1000;

    private final Supplier<LeaseGrpc.LeaseBlockingStub> stub;
    private final Map<Long, Lease> current = new HashMap<>();

    private static final class Lease {
        final long id;
        final long reusableUntil;
        int keys;

        Lease(long id, long reusableUntil) {
            this.id = id;
            this.reusableUntil = reusableUntil;
        }

        boolean takesMore() {
            return keys < MAX_KEYS && System.nanoTime() - reusableUntil < 0;
        }
    }

    EtcdLeases(Supplier<LeaseGrpc.LeaseBlockingStub> stub) {
        this.stub = stub;
    }

    /// A lease that keeps a key for at least `ttl`; 0 where keys live for ever.
    synchronized long lease(Duration ttl) {
        if (!ttl.isPositive()) {
            return 0;
        }
        long seconds = Math.max(1, ttl.plusMillis(999).toSeconds());
        Lease lease = current.get(seconds);
        if (lease == null || !lease.takesMore()) {
            // at most 5 % longer, as upstream has it
            long reuseSeconds = Math.min(REUSE_SECONDS, seconds / 20);
            var request = LeaseGrantRequest.newBuilder().setTTL(seconds + reuseSeconds);
            long id = stub.get().leaseGrant(request.build()).getID();
            lease = new Lease(
                    id, System.nanoTime() + Duration.ofSeconds(reuseSeconds).toNanos());
            current.put(seconds, lease);
        }
        lease.keys++;
        return lease.id;
    }

    /// Forgets a lease that etcd does not know any more.
    synchronized void forget(long id) {
        current.values().removeIf(lease -> lease.id == id);
    }
}
