package io.insula.controlplane.cluster;

import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncAudit;
import io.insula.syncer.engine.SyncAudit.Side;
import io.insula.syncer.engine.SyncAudit.SyncWrite;
import io.insula.syncer.engine.SyncKey;
import io.insula.syncer.engine.Syncer;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.UserInfo;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Makes one event of every write of the syncer, in the trail of the tenant that it was for. What was written
/// is in `objectRef`, as the side that it was written to names it; annotations say for which of the tenant's
/// objects, and what that one is called on the host. `insula.io/request-audit-id` is the auditID of the API
/// server's own event of the same request. Thread-safe.
final class SyncEvents implements SyncAudit {

    private static final UserInfo SYNCER = new UserInfo("system:insula:syncer", "", List.of(), Map.of());
    private static final String AGENT = "insula-syncer";

    private final Function<String, AuditSink> audit;
    private final Clock clock;
    private final Map<String, Syncer<?>> syncers;

    /// @param audit the sink of a tenant's trail
    SyncEvents(Function<String, AuditSink> audit, Clock clock, List<Syncer<?>> syncers) {
        this.audit = audit;
        this.clock = clock;
        this.syncers = syncers.stream().collect(Collectors.toMap(s -> s.spec().name(), s -> s));
    }

    @Override
    public void written(SyncWrite write) {
        SyncKey object = write.tenantObject();
        String tenant = object.tenant().value();
        Target target = write.target();
        var trail = new AuditTrail(audit.apply(tenant), clock, "")
                .request(write.uri(), write.verb(), AGENT, List.of())
                .receivedAt(write.begun())
                .user(SYNCER)
                .object(
                        target.group(),
                        target.version(),
                        target.resource(),
                        target.subresource(),
                        target.namespace(),
                        target.name())
                .annotate("insula.io/side", write.side().name().toLowerCase(Locale.ROOT))
                .annotate("insula.io/request-audit-id", write.requestId())
                .annotate("insula.io/object-kind", object.syncer())
                .annotate("insula.io/object-namespace", object.namespace())
                .annotate("insula.io/object-name", object.name())
                .annotate("insula.io/host-namespace", object.tenant().hostNamespace())
                .annotate("insula.io/host-name", hostName(write))
                .annotate(InsulaLabels.REASON, write.reason());
        if (!write.failure().isEmpty()) {
            trail.failure(Json.object().put("status", "Failure").put("message", write.failure()));
        }
        try {
            trail.complete(write.code());
        } catch (AuditSink.Unavailable e) {
            // It has been done; the sink counts what it could not take and says so in the trail.
        }
    }

    private String hostName(SyncWrite write) {
        if (write.side() == Side.HOST) {
            return write.target().name();
        }
        SyncKey object = write.tenantObject();
        Syncer<?> syncer = syncers.get(object.syncer());
        var names = new NameMap(object.tenant());
        // those of custom kinds are nobody's but their tenant's, and named as most are
        return syncer != null
                ? syncer.hostName(object.namespace(), object.name(), names)
                : object.syncer().contains(".")
                        ? names.hostName(object.syncer(), object.namespace(), object.name())
                        : "";
    }
}
