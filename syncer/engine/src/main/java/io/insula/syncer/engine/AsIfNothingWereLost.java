package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.isolation.TenantProfiles;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A tenant's view in which everything that the host lacks was ended there: tells what would be deleted in the tenant.
record AsIfNothingWereLost(TenantView view) implements TenantView {

    @Override
    public NameMap names() {
        return view.names();
    }

    @Override
    public TenantProfiles profiles() {
        return view.profiles();
    }

    @Override
    public <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name) {
        return view.tenantObject(kind, namespace, name);
    }

    @Override
    public <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
        return view.tenantObjects(kind);
    }

    @Override
    public URI apiServer() {
        return view.apiServer();
    }

    @Override
    public Optional<HostRanges> hostRanges() {
        return view.hostRanges();
    }

    @Override
    public boolean isServed(KindRef<?> kind) {
        return view.isServed(kind);
    }

    @Override
    public Instant now() {
        return view.now();
    }

    @Override
    public <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName) {
        return view.hostObject(kind, hostName);
    }

    @Override
    public <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind) {
        return view.hostObjects(kind);
    }

    @Override
    public boolean isReferenced(String kind, String namespace, String name) {
        return view.isReferenced(kind, namespace, name);
    }
}
