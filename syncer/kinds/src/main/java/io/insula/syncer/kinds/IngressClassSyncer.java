package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The host's IngressClasses that its administrators share with tenants, by the label [InsulaLabels#SHARED].
/// Parameters stay on the host, as they name its objects. An IngressClass that a tenant made itself is left alone: its
/// Ingresses are for a controller of the tenant's own.
@Singleton
final class IngressClassSyncer implements Syncer<IngressClass> {

    private static final String DEFAULT = WellKnownKeys.DEFAULT_INGRESS_CLASS;

    @Override
    public SyncSpec<IngressClass> spec() {
        return new SyncSpec<>(
                        Kinds.INGRESS_CLASS,
                        Direction.HOST_TO_TENANT,
                        true,
                        List.of(Kinds.INGRESS_CLASS),
                        Map.of(SyncSpec.resource(Kinds.INGRESS_CLASS), Set.of("get", "list", "watch")))
                .writing(Map.of(SyncSpec.resource(Kinds.INGRESS_CLASS), Set.of("create", "patch", "delete")));
    }

    @Override
    public List<Change> decide(SyncEvent<IngressClass> event, TenantView view) {
        return switch (event) {
            case HostOnly<IngressClass>(IngressClass host) -> isShared(host) ? List.of(show(host)) : List.of();
            case Paired<IngressClass>(var tenant, IngressClass host)
            when Kinds.isManaged(tenant) -> isShared(host) ? List.of(show(host)) : hide(tenant);
            case TenantOnly<IngressClass>(var tenant) -> hide(tenant);
            case HostOnly<IngressClass> _, Paired<IngressClass> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return host instanceof IngressClass
                ? List.of(new Reference(Kinds.INGRESS_CLASS.kind(), "", Kinds.name(host)))
                : List.of();
    }

    static boolean isShared(IngressClass host) {
        var labels = host.getMetadata().getLabels();
        return labels != null && "true".equals(labels.get(InsulaLabels.SHARED));
    }

    /// Whether a controller of the host's answers for the tenant's Ingresses of this class.
    static boolean isHosts(String name, TenantView view) {
        boolean isTenants = view.tenantObject(Kinds.INGRESS_CLASS, "", name)
                .filter(own -> !Kinds.isManaged(own))
                .isPresent();
        return !isTenants
                && view.hostObject(Kinds.INGRESS_CLASS, name)
                        .filter(IngressClassSyncer::isShared)
                        .isPresent();
    }

    private static Change show(IngressClass host) {
        var isDefault = Kinds.annotation(host, DEFAULT);
        return new ApplyToTenant(
                Kinds.INGRESS_CLASS,
                new IngressClassBuilder()
                        .withNewMetadata()
                        .withName(Kinds.name(host))
                        .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                        .addToAnnotations(isDefault.isEmpty() ? Map.of() : Map.of(DEFAULT, isDefault))
                        .endMetadata()
                        .withNewSpec()
                        .withController(host.getSpec().getController())
                        .endSpec()
                        .build(),
                "");
    }

    private static List<Change> hide(IngressClass tenant) {
        return Kinds.isManaged(tenant)
                ? List.of(new DeleteFromTenant(Kinds.INGRESS_CLASS, tenant, false, "the host does not share it"))
                : List.of();
    }
}
