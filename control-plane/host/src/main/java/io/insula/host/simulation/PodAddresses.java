package io.insula.host.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Gives each pod an address of its node's /24 and takes it back. Thread-safe: guarded by its monitor.
final class PodAddresses {

    private final Map<String, String> byUid = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> next = new HashMap<>();

    /// Remembers an address given before a restart.
    synchronized void observe(String uid, String ip) {
        if (byUid.putIfAbsent(uid, ip) == null) {
            taken.add(ip);
        }
    }

    /// The same address for the same pod; addresses go round so that a freed one is not reused at once.
    synchronized String of(String uid, SimulatedNode node) {
        String known = byUid.get(uid);
        if (known != null) {
            return known;
        }
        int start = next.getOrDefault(node.name(), 0);
        for (int i = 0; i < 253; i++) {
            int last = (start + i) % 253 + 2;
            String ip = node.podNetwork() + last;
            if (taken.add(ip)) {
                byUid.put(uid, ip);
                next.put(node.name(), last - 1);
                return ip;
            }
        }
        throw new IllegalStateException("addresses of " + node.name() + ": 0 free (expected: at least 1)");
    }

    synchronized void release(String uid) {
        String ip = byUid.remove(uid);
        if (ip != null) {
            taken.remove(ip);
        }
    }
}
