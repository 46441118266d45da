package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
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

/// A tenant sees the host's RuntimeClasses that its isolation profiles use, so that a pod may ask for a profile
/// by `runtimeClassName`. The overhead is the host's; where such pods run is not told, as the host decides it.
/// A RuntimeClass that a tenant made itself is left alone; it changes nothing on the host.
@Singleton
final class RuntimeClassSyncer implements Syncer<RuntimeClass> {

    @Override
    public SyncSpec<RuntimeClass> spec() {
        return new SyncSpec<>(
                        Kinds.RUNTIME_CLASS,
                        Direction.HOST_TO_TENANT,
                        true,
                        List.of(Kinds.RUNTIME_CLASS),
                        Map.of(SyncSpec.resource(Kinds.RUNTIME_CLASS), Set.of("get", "list", "watch")))
                .writing(Map.of(SyncSpec.resource(Kinds.RUNTIME_CLASS), Set.of("create", "patch", "delete")));
    }

    @Override
    public List<Change> decide(SyncEvent<RuntimeClass> event, TenantView view) {
        return switch (event) {
            case HostOnly<RuntimeClass>(RuntimeClass host) -> isUsed(host, view) ? List.of(show(host)) : List.of();
            case Paired<RuntimeClass>(var tenant, RuntimeClass host)
            when Kinds.isManaged(tenant) -> isUsed(host, view) ? List.of(show(host)) : hide(tenant);
            case TenantOnly<RuntimeClass>(var tenant) -> hide(tenant);
            case HostOnly<RuntimeClass> _, Paired<RuntimeClass> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return host instanceof RuntimeClass
                ? List.of(new Reference(Kinds.RUNTIME_CLASS.kind(), "", Kinds.name(host)))
                : List.of();
    }

    private static boolean isUsed(RuntimeClass host, TenantView view) {
        return view.profiles().runtimeClassNames().contains(Kinds.name(host));
    }

    private static Change show(RuntimeClass host) {
        return new ApplyToTenant(
                Kinds.RUNTIME_CLASS,
                new RuntimeClassBuilder()
                        .withNewMetadata()
                        .withName(Kinds.name(host))
                        .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                        .endMetadata()
                        .withHandler(host.getHandler())
                        .withOverhead(host.getOverhead())
                        .build(),
                "");
    }

    private static List<Change> hide(RuntimeClass tenant) {
        return Kinds.isManaged(tenant)
                ? List.of(new DeleteFromTenant(Kinds.RUNTIME_CLASS, tenant, false, "no isolation profile uses it"))
                : List.of();
    }
}
