package io.insula.syncer.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The tokens that were issued a moment ago, until the host's watch shows them: a pod that changes meanwhile must not
/// get others, each a request to its API server and a write on the host. Thread-safe.
final class IssuedTokens {

    /// After that whatever does not show counts as not there: somebody may have deleted it.
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final Map<SyncKey, Issued> issued = new ConcurrentHashMap<>();

    IssuedTokens(InstantSource clock) {
        this.clock = clock;
    }

    /// @param shown the resourceVersion that the host showed when they were issued; empty for none
    private record Issued(String pod, String shown, Instant at) {}

    /// Tokens of the pod with this UID have been stored on the host.
    void issued(SyncKey key, String pod, String shown) {
        Instant now = clock.instant();
        issued.values().removeIf(each -> isOver(each, now));
        issued.put(key, new Issued(pod, shown, now));
    }

    /// Whether the host shows what it showed before they were issued.
    boolean isUnseen(SyncKey key, String pod, String shown) {
        Issued known = issued.get(key);
        return known != null
                && known.pod().equals(pod)
                && known.shown().equals(shown)
                && !isOver(known, clock.instant());
    }

    private static boolean isOver(Issued each, Instant now) {
        return !now.isBefore(each.at().plus(PATIENCE));
    }
}
