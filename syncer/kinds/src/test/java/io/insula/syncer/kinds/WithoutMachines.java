package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantView;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The same on a host that serves Kubernetes' own kinds only.
record WithoutMachines(TenantView view) implements TenantView {

    @Override
    public boolean isServed(KindRef<?> kind) {
        return !kind.group().equals("kubevirt.io");
    }

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
