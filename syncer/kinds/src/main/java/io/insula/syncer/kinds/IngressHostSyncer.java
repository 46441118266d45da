package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Claims the names that a tenant's Ingress asks for ([IngressHosts]), on the host and for all tenants to see, before
/// [IngressSyncer] uses them. It gives none away: what is not wanted any more stays and is marked, and the control
/// plane takes it away once the tenant's own API server says so.
@Singleton
final class IngressHostSyncer implements Syncer<Ingress> {

    /// Of the syncer, and the kind in names on the host.
    static final String NAME = "IngressHosts";

    private static final SyncSpec<Ingress> SPEC = new SyncSpec<>(
            NAME,
            Kinds.INGRESS,
            Direction.TENANT_TO_HOST,
            true,
            List.of(Kinds.INGRESS_HOSTS),
            Map.of(SyncSpec.resource(Kinds.INGRESS_HOSTS), Set.of("get", "list", "watch", "create", "patch")));

    @Override
    public SyncSpec<Ingress> spec() {
        return SPEC;
    }

    /// A name that somebody gives up may be another's.
    @Override
    public Optional<Object> dependsOn(HasMetadata host) {
        return IngressSyncer.concerns(host);
    }

    @Override
    public boolean isConcerned(Ingress tenant, HasMetadata host) {
        return IngressSyncer.isAbout(tenant, host);
    }

    @Override
    public boolean needsHost(Ingress tenant, TenantView view) {
        return !names(tenant, view).isEmpty();
    }

    @Override
    public boolean isDeletedByControlPlane() {
        return true;
    }

    @Override
    public List<Change> decide(SyncEvent<Ingress> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Ingress>(var tenant) ->
                view.isServed(Kinds.INGRESS_HOSTS) ? claim(tenant, names(tenant, view), false, view) : List.of();
            case Paired<Ingress>(var tenant, var host) -> claim(tenant, host, view);
            case HostOnly<Ingress>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.INGRESS_HOSTS, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    /// Names by since when: those that the tenant has, and those that nobody has.
    private static Map<String, String> names(Ingress tenant, TenantView view) {
        var names = new LinkedHashMap<String, String>();
        if (isWanting(tenant, view)) {
            var hosts = IngressHosts.of(view);
            for (var host : IngressHosts.wanted(tenant)) {
                if (!hosts.isTaken(host)) {
                    names.put(
                            host,
                            hosts.held(host)
                                    .map(IngressHosts.Claim::since)
                                    .orElseGet(() -> view.now().toString()));
                }
            }
        }
        return names;
    }

    /// What it claims already stays as it is claimed.
    private static List<Change> claim(Ingress tenant, HasMetadata host, TenantView view) {
        var names = new LinkedHashMap<String, String>();
        IngressHosts.claims(host).forEach(claim -> names.put(claim.host(), claim.since()));
        var wanted = isWanting(tenant, view) ? IngressHosts.wanted(tenant) : Set.<String>of();
        boolean isEnding = !wanted.containsAll(names.keySet());
        names(tenant, view).forEach(names::putIfAbsent);
        return claim(tenant, names, isEnding, view);
    }

    private static boolean isWanting(Ingress tenant, TenantView view) {
        return tenant.getMetadata().getDeletionTimestamp() == null && IngressSyncer.isForHost(tenant, view);
    }

    private static List<Change> claim(Ingress tenant, Map<String, String> names, boolean isEnding, TenantView view) {
        return names.isEmpty() ? List.of() : List.of(apply(tenant, names, isEnding, view));
    }

    private static Change apply(Ingress tenant, Map<String, String> names, boolean isEnding, TenantView view) {
        var claim = new GenericKubernetesResource();
        claim.setApiVersion(Kinds.INGRESS_HOSTS.apiVersion());
        claim.setKind(Kinds.INGRESS_HOSTS.kind());
        claim.setMetadata(new ObjectMetaBuilder(view.names().hostMeta(NAME, tenant))
                .withNamespace(null)
                .addToLabels(isEnding ? Map.of(InsulaLabels.ENDING, "true") : Map.of())
                .build());
        var hosts = names.entrySet().stream()
                .map(each -> Map.of("name", each.getKey(), "since", each.getValue()))
                .toList();
        claim.setAdditionalProperty("spec", Map.of("hosts", hosts));
        return new ApplyToHost(Kinds.INGRESS_HOSTS, claim);
    }
}
