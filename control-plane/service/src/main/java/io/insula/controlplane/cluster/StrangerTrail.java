package io.insula.controlplane.cluster;

import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Records the requests at the shared port that reach no API server, and so nobody's trail: at names that are no
/// tenant's, and of strangers at tenants that sleep. In the superusers' trail. Anybody can send them, as many as they
/// like: of each minute the first [#MOST] are recorded, and the event after these tells how many were not.
/// Thread-safe: guarded by itself.
final class StrangerTrail {

    static final int MOST = 60;

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final UserInfo NOBODY =
            new UserInfo(UserInfo.ANONYMOUS, "", List.of(UserInfo.UNAUTHENTICATED), Map.of());

    private final AuditSink sink;
    private final Clock clock;
    private Instant begun = Instant.MIN;
    private int recorded;
    private long unrecorded;

    StrangerTrail(AuditSink sink, Clock clock) {
        this.sink = sink;
        this.clock = clock;
    }

    /// What cannot be recorded is refused all the same: nothing is done for a stranger.
    void record(HttpRefusal refusal) {
        long before = begin();
        if (before < 0) {
            return;
        }
        HttpRequest request = refusal.request();
        String uri = request.query().isEmpty() ? request.path() : request.path() + "?" + request.query();
        var trail = new AuditTrail(sink, clock, "")
                .request(
                        uri,
                        request.method().toLowerCase(Locale.ROOT),
                        request.header("user-agent").orElse(""),
                        List.of(request.remoteAddress()))
                .receivedAt(clock.instant())
                .user(NOBODY);
        trail.annotate("insula.io/asked-host", request.header("host").orElse(""));
        if (before > 0) {
            trail.annotate("insula.io/not-recorded", Long.toString(before));
        }
        trail.refused(refusal.status(), refusal.message());
    }

    /// How many were not recorded before this one; less than zero where it is not recorded either.
    private synchronized long begin() {
        Instant now = clock.instant();
        if (begun.equals(Instant.MIN) || !now.isBefore(begun.plus(MINUTE))) {
            begun = now;
            recorded = 0;
        }
        if (recorded == MOST) {
            unrecorded++;
            return -1;
        }
        recorded++;
        long before = unrecorded;
        unrecorded = 0;
        return before;
    }
}
