package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.isolation.TenantProfiles;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a decision may look at besides its own object: the caches of one tenant and its part of the host's.
/// Reading only; answers may be older than the event.
public interface TenantView {

    NameMap names();

    TenantProfiles profiles();

    <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name);

    /// All that the tenant has of a kind that some syncer watches.
    <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind);

    /// Where the tenant's API server answers.
    URI apiServer();

    /// Addresses of the host cluster that its operator or its API names; empty until the host has been asked.
    Optional<HostRanges> hostRanges();

    /// The time of this decision, to the second.
    Instant now();

    /// Of this tenant's host namespace, or cluster-scoped.
    <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName);

    /// All of this tenant's.
    <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind);

    /// Whether the host serves a kind of somebody else's (KubeVirt's). Of Kubernetes' own kinds always.
    default boolean isServed(KindRef<?> kind) {
        return true;
    }

    /// Whether a pod of the tenant, or a workload still on the host, names this tenant object.
    boolean isReferenced(String kind, String namespace, String name);

    /// Whether the host lost what it had of this tenant object, together with the namespace that it was in: it is to
    /// be made again, not to be ended.
    default boolean isLostOnHost(HasMetadata tenantObject) {
        return false;
    }
}
