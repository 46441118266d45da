package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.Map;

/// The host's IngressClasses that its administrators share with tenants, by the label [InsulaLabels#SHARED].
/// Parameters stay on the host, as they name its objects. An IngressClass that a tenant made itself is left alone: its
/// Ingresses are for a controller of the tenant's own.
@Singleton
final class IngressClassSyncer implements ShownClasses<IngressClass> {

    private static final SyncSpec<IngressClass> SPEC = ShownClasses.declared(Kinds.INGRESS_CLASS);

    @Override
    public SyncSpec<IngressClass> spec() {
        return SPEC;
    }

    @Override
    public boolean isShown(IngressClass host, TenantView view) {
        return Kinds.isShared(host);
    }

    @Override
    public IngressClass shown(IngressClass host) {
        var isDefault = Kinds.annotation(host, WellKnownKeys.DEFAULT_INGRESS_CLASS);
        return new IngressClassBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .addToAnnotations(
                        isDefault.isEmpty() ? Map.of() : Map.of(WellKnownKeys.DEFAULT_INGRESS_CLASS, isDefault))
                .endMetadata()
                .withNewSpec()
                .withController(host.getSpec().getController())
                .endSpec()
                .build();
    }

    @Override
    public String reasonToHide() {
        return "the host does not share it";
    }

    /// Whether a controller of the host's answers for the tenant's Ingresses of this class.
    static boolean isHosts(String name, TenantView view) {
        boolean isTenants = view.tenantObject(Kinds.INGRESS_CLASS, "", name)
                .filter(own -> !Kinds.isManaged(own))
                .isPresent();
        return !isTenants
                && view.hostObject(Kinds.INGRESS_CLASS, name)
                        .filter(Kinds::isShared)
                        .isPresent();
    }
}
