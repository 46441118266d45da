package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A syncer of a kind without a namespace whose objects a tenant sees under the names that they have on the
/// host. One of the same name that the tenant made itself is left alone.
interface ShownClasses<T extends HasMetadata> extends Syncer<T> {

    /// What such a syncer declares.
    static <T extends HasMetadata> SyncSpec<T> declared(KindRef<T> kind) {
        String resource = SyncSpec.resource(kind);
        return new SyncSpec<>(
                        kind,
                        Direction.HOST_TO_TENANT,
                        true,
                        List.of(kind),
                        Map.of(resource, Set.of("get", "list", "watch")))
                .writing(Map.of(resource, Set.of("create", "patch", "delete")));
    }

    boolean isShown(T host, TenantView view);

    /// What a tenant sees of it.
    T shown(T host);

    /// Why one is no longer shown.
    String reasonToHide();

    @Override
    default List<Change> decide(SyncEvent<T> event, TenantView view) {
        return switch (event) {
            case HostOnly<T>(var host) ->
                typed(host).filter(each -> isShown(each, view)).map(this::show).orElse(List.of());
            case Paired<T>(var tenant, var host)
            when Kinds.isManaged(tenant) ->
                typed(host)
                        .map(each -> isShown(each, view) ? show(each) : hide(tenant))
                        .orElse(List.of());
            case Paired<T> _ -> List.of();
            case TenantOnly<T>(var tenant) -> hide(tenant);
        };
    }

    @Override
    default String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    default List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return typed(host)
                .map(each -> List.of(new Reference(spec().kind().kind(), "", Kinds.name(each))))
                .orElse(List.of());
    }

    private Optional<T> typed(HasMetadata host) {
        return Optional.of(host)
                .filter(spec().kind().type()::isInstance)
                .map(spec().kind().type()::cast);
    }

    private List<Change> show(T host) {
        return List.of(new ApplyToTenant(spec().kind(), shown(host), ""));
    }

    private List<Change> hide(T tenant) {
        return Kinds.isManaged(tenant)
                ? List.of(new DeleteFromTenant(spec().kind(), tenant, false, reasonToHide()))
                : List.of();
    }
}
