package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import io.insula.syncer.kinds.HostIngresses.Translated;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Ingresses of a class that the host shares ([IngressClassSyncer]): routes go down, addresses come up. Those of no
/// class, or of a class of the tenant's own, are for nobody on the host.
@Singleton
final class IngressSyncer implements Syncer<Ingress> {

    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final String REFUSED = "IngressRefused";

    private static final SyncSpec<Ingress> SPEC = SyncSpec.tenantToHost(
                    Ingress.class, "get", "list", "watch", "create", "patch", "delete")
            .writing(Map.of(SyncSpec.resource(Kinds.INGRESS) + "/status", Set.of("patch")));

    @Override
    public SyncSpec<Ingress> spec() {
        return SPEC;
    }

    /// A class of the tenant's own takes its Ingresses off the host.
    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.INGRESS_CLASS);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        return view.tenantObjects(Kinds.INGRESS).stream()
                .filter(ingress -> HostIngresses.className(ingress).equals(Kinds.name(changed)))
                .map(ingress -> new Reference(Kinds.INGRESS.kind(), Kinds.namespace(ingress), Kinds.name(ingress)))
                .toList();
    }

    @Override
    public Optional<Object> dependsOn(HasMetadata host) {
        return concerns(host);
    }

    @Override
    public boolean isConcerned(Ingress tenant, HasMetadata host) {
        return isAbout(tenant, host);
    }

    /// What of a host object decides about Ingresses: who has which name, and which classes are shared.
    static Optional<Object> concerns(HasMetadata host) {
        if (host instanceof IngressClass shared) {
            return Optional.of(Kinds.isShared(shared));
        }
        return Kinds.INGRESS_HOSTS.kind().equals(host.getKind())
                ? Optional.of(IngressHosts.claims(host))
                : Optional.empty();
    }

    /// Whether a host object is the class of an Ingress, or a claim to one of its names.
    static boolean isAbout(Ingress tenant, HasMetadata host) {
        if (host instanceof IngressClass) {
            return HostIngresses.className(tenant).equals(Kinds.name(host));
        }
        var wanted = IngressHosts.wanted(tenant);
        return IngressHosts.claims(host).stream()
                .anyMatch(claim -> wanted.stream().anyMatch(name -> IngressHosts.overlap(claim.host(), name)));
    }

    /// The certificates.
    @Override
    public Set<Reference> references(Ingress tenant, TenantView view) {
        return HostIngresses.className(tenant).isEmpty()
                ? Set.of()
                : tenant.getSpec().getTls().stream()
                        .map(tls -> Objects.requireNonNullElse(tls.getSecretName(), ""))
                        .filter(name -> !name.isEmpty())
                        .map(name -> new Reference(Kinds.SECRET.kind(), Kinds.namespace(tenant), name))
                        .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Set<String> exactOnHost() {
        return Set.of("/spec");
    }

    @Override
    public boolean needsHost(Ingress tenant, TenantView view) {
        return isForHost(tenant, view)
                && HostIngresses.of(tenant, view).ingress().isPresent();
    }

    /// Whether a controller of the host's is to answer for it.
    static boolean isForHost(Ingress tenant, TenantView view) {
        var name = HostIngresses.className(tenant);
        return !name.isEmpty() && IngressClassSyncer.isHosts(name, view);
    }

    @Override
    public List<Change> decide(SyncEvent<Ingress> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Ingress>(var tenant) -> tenantOnly(tenant, view);
            case Paired<Ingress>(var tenant, var host) -> paired(tenant, host, view);
            case HostOnly<Ingress>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.INGRESS, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    /// While the host has not shown whose the names are nothing is put there, and nothing taken away.
    private static Optional<Change> pending(Translated translated, TenantView view) {
        return translated.waiting() || !view.isServed(Kinds.INGRESS_HOSTS)
                ? Optional.of(new LookAgain(WAIT, "the host to show whose the names of the outside are"))
                : Optional.empty();
    }

    private static List<Change> tenantOnly(Ingress tenant, TenantView view) {
        if (tenant.getMetadata().getDeletionTimestamp() != null || !isForHost(tenant, view)) {
            return List.of();
        }
        var translated = HostIngresses.of(tenant, view);
        return pending(translated, view)
                .map(List::<Change>of)
                .orElseGet(() -> down(tenant, Optional.empty(), translated, view));
    }

    private static List<Change> paired(Ingress tenant, HasMetadata host, TenantView view) {
        if (tenant.getMetadata().getDeletionTimestamp() != null) {
            return List.of();
        }
        if (!isForHost(tenant, view)) {
            return List.of(gone(host, "its class is not the host's"));
        }
        var translated = HostIngresses.of(tenant, view);
        var pending = pending(translated, view);
        if (pending.isPresent()) {
            return List.of(pending.get());
        }
        var changes = new ArrayList<>(down(tenant, Optional.of(host), translated, view));
        if (host instanceof Ingress shown) {
            var addresses = addresses(shown);
            if (!addresses.equals(addresses(tenant))) {
                var patch = Trees.object();
                patch.withObject("/status/loadBalancer").set("ingress", Trees.of(addresses));
                changes.add(new PatchTenant(Kinds.INGRESS, tenant, "status", patch));
            }
        }
        return changes;
    }

    private static List<IngressLoadBalancerIngress> addresses(Ingress ingress) {
        var status = ingress.getStatus();
        return status == null || status.getLoadBalancer() == null
                ? List.of()
                : status.getLoadBalancer().getIngress();
    }

    private static List<Change> down(
            Ingress tenant, Optional<HasMetadata> host, Translated translated, TenantView view) {
        if (translated.ingress().isPresent()) {
            return Refusals.apply(
                    Kinds.INGRESS,
                    translated.ingress().get(),
                    host,
                    List.of(tenant),
                    REFUSED,
                    translated.refused(),
                    view);
        }
        var changes = new ArrayList<Change>();
        if (!translated.refused().isEmpty()) {
            // nothing on the host remembers that it was told
            changes.add(TenantEvents.warning(
                    tenant,
                    REFUSED,
                    String.join("; ", translated.refused()),
                    Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), "")));
        }
        host.ifPresent(each -> changes.add(gone(each, "nothing of it is for the host")));
        return changes;
    }

    private static Change gone(HasMetadata host, String reason) {
        return new DeleteFromHost(Kinds.INGRESS, host, Proof.TENANT_OBJECT_NEEDS_NONE, reason, null);
    }
}
