package io.insula.controlplane.cluster;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.tenant.SyncedKinds;
import io.insula.syncer.engine.HostRights.Right;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantRights;
import io.insula.tenantapi.auth.Authorizer.ResourceRule;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.rbac.StandingRights;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;

/// What the syncer may do in every tenant, whatever its administrators do to its roles.
final class SyncerRights {

    private static final X500Principal SUBJECT =
            new X500Principal("CN=" + ClusterPki.SYNCER + ",O=" + ClusterPki.SYNCER);

    private SyncerRights() {}

    static StandingRights of(Collection<Syncer<?>> syncers) {
        return new StandingRights(ClusterPki.SYNCER, rules(syncers));
    }

    /// What the rules of one tenant need besides, at any time.
    static Supplier<List<ResourceRule>> ofCustom(Supplier<SyncedKinds> kinds) {
        var last = new AtomicReference<>(new Custom(SyncedKinds.NONE, List.of()));
        return () -> last.updateAndGet(before -> before.of().equals(kinds.get()) ? before : Custom.of(kinds.get()))
                .rules();
    }

    /// Asked for at each request of the syncer's, and changed hardly ever.
    private record Custom(SyncedKinds of, List<ResourceRule> rules) {
        static Custom of(SyncedKinds kinds) {
            return new Custom(kinds, kinds.all().isEmpty() ? List.of() : SyncerRights.rules(kinds.syncers()));
        }
    }

    private static List<ResourceRule> rules(Collection<Syncer<?>> syncers) {
        return TenantRights.of(syncers).everywhere().stream()
                .map(SyncerRights::rule)
                .toList();
    }

    /// Whether a request shows the syncer's certificate, whose group nobody else can get.
    static boolean isHeldBy(HttpRequest request) {
        return request.clientCertificates().stream()
                .findFirst()
                .map(X509Certificate::getSubjectX500Principal)
                .filter(SUBJECT::equals)
                .isPresent();
    }

    private static ResourceRule rule(Right right) {
        int slash = right.resource().indexOf('/');
        return new ResourceRule(
                List.copyOf(right.verbs()),
                List.of(right.resource().substring(0, slash)),
                List.of(right.resource().substring(slash + 1)),
                List.copyOf(right.names()));
    }
}
