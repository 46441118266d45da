package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.isolation.TenantProfiles;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A tenant's view that is another's but for what it overrides.
public interface ForwardedView extends TenantView {

    TenantView view();

    @Override
    default NameMap names() {
        return view().names();
    }

    @Override
    default TenantProfiles profiles() {
        return view().profiles();
    }

    @Override
    default <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name) {
        return view().tenantObject(kind, namespace, name);
    }

    @Override
    default <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
        return view().tenantObjects(kind);
    }

    @Override
    default URI apiServer() {
        return view().apiServer();
    }

    @Override
    default Optional<HostRanges> hostRanges() {
        return view().hostRanges();
    }

    @Override
    default boolean isServed(KindRef<?> kind) {
        return view().isServed(kind);
    }

    @Override
    default Instant now() {
        return view().now();
    }

    @Override
    default <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName) {
        return view().hostObject(kind, hostName);
    }

    @Override
    default <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind) {
        return view().hostObjects(kind);
    }

    @Override
    default boolean isReferenced(String kind, String namespace, String name) {
        return view().isReferenced(kind, namespace, name);
    }

    @Override
    default boolean isLostOnHost(HasMetadata tenantObject) {
        return view().isLostOnHost(tenantObject);
    }
}
