package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a syncer declares about its kind. Immutable.
///
/// @param name what keys and names on the host are made with: the kind, with its group where that is not Kubernetes'
///     own, or a name of its own where several syncers look at one kind
/// @param kind the kind in the tenant, watched there if `watchTenant`
/// @param hostKinds the kinds that carry it on the host, first match wins; all are watched
/// @param hostVerbs what the host must allow, by `group/plural` (`/pods` for the core group): the source of
///     [HostRights]
/// @param tenantVerbs what the syncer writes in the tenant, likewise: a source of [TenantRights]. What it
///     reads there is what it watches
public record SyncSpec<T extends HasMetadata>(
        String name,
        KindRef<T> kind,
        Direction direction,
        boolean watchTenant,
        List<KindRef<?>> hostKinds,
        Map<String, Set<String>> hostVerbs,
        Map<String, Set<String>> tenantVerbs) {

    /// Who is right when both sides differ.
    public enum Direction {
        TENANT_TO_HOST,
        HOST_TO_TENANT
    }

    public SyncSpec {
        hostKinds = List.copyOf(hostKinds);
        hostVerbs = Map.copyOf(hostVerbs);
        tenantVerbs = Map.copyOf(tenantVerbs);
    }

    /// Writes nothing in the tenant.
    public SyncSpec(
            String name,
            KindRef<T> kind,
            Direction direction,
            boolean watchTenant,
            List<KindRef<?>> hostKinds,
            Map<String, Set<String>> hostVerbs) {
        this(name, kind, direction, watchTenant, hostKinds, hostVerbs, Map.of());
    }

    /// Named after its kind.
    public SyncSpec(
            KindRef<T> kind,
            Direction direction,
            boolean watchTenant,
            List<KindRef<?>> hostKinds,
            Map<String, Set<String>> hostVerbs) {
        this(kind.name(), kind, direction, watchTenant, hostKinds, hostVerbs);
    }

    /// The same, of a syncer that writes this in the tenant.
    public SyncSpec<T> writing(Map<String, Set<String>> inTenant) {
        return new SyncSpec<>(name, kind, direction, watchTenant, hostKinds, hostVerbs, inTenant);
    }

    /// A kind that is the same on both sides.
    public static <T extends HasMetadata> SyncSpec<T> tenantToHost(Class<T> type, String... verbs) {
        var kind = KindRef.of(type, true);
        return new SyncSpec<>(
                kind, Direction.TENANT_TO_HOST, true, List.of(kind), Map.of(resource(kind), Set.of(verbs)));
    }

    public static String resource(KindRef<?> kind) {
        return kind.group() + "/" + kind.plural();
    }
}
