package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.engine.TenantView;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a decision sees, fixed.
record FixedView(
        TenantProfiles profiles,
        List<HasMetadata> tenant,
        List<HasMetadata> host,
        Set<String> referenced,
        Optional<HostRanges> hostRanges)
        implements TenantView {

    /// What a host names by itself: its Services, and its API server.
    static final HostRanges RANGES = HostRanges.of(List.of(), List.of("10.96.0.0/12"), List.of("172.18.0.5/32"));

    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /// A tenant's own API server, as its pods see it.
    static final Service API_SERVER = new ServiceBuilder()
            .withNewMetadata()
            .withName("kubernetes")
            .withNamespace("default")
            .withUid("k8s")
            .endMetadata()
            .withNewSpec()
            .withType("ClusterIP")
            .withClusterIP("10.96.7.7")
            .addNewPort()
            .withName("https")
            .withPort(443)
            .withProtocol("TCP")
            .endPort()
            .endSpec()
            .build();

    static FixedView of(String sandbox, HasMetadata... host) {
        return new FixedView(
                TenantProfiles.only(Beans.settings(sandbox)),
                List.of(API_SERVER),
                List.of(host),
                Set.of(),
                Optional.of(RANGES));
    }

    FixedView referencing(String name) {
        return new FixedView(profiles, tenant, host, Set.of(name), hostRanges);
    }

    FixedView withTenant(HasMetadata... objects) {
        var all = new ArrayList<>(tenant);
        all.addAll(List.of(objects));
        return new FixedView(profiles, all, host, referenced, hostRanges);
    }

    FixedView withoutTenant() {
        return new FixedView(profiles, List.of(), host, referenced, hostRanges);
    }

    FixedView withProfiles(TenantProfiles wanted) {
        return new FixedView(wanted, tenant, host, referenced, hostRanges);
    }

    FixedView withHost(HasMetadata... objects) {
        var all = new ArrayList<>(host);
        all.addAll(List.of(objects));
        return new FixedView(profiles, tenant, all, referenced, hostRanges);
    }

    /// @param ranges null while the host has not been asked
    FixedView withHostRanges(@Nullable HostRanges ranges) {
        return new FixedView(profiles, tenant, host, referenced, Optional.ofNullable(ranges));
    }

    @Override
    public <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
        return tenant.stream()
                .filter(kind.type()::isInstance)
                .map(kind.type()::cast)
                .toList();
    }

    @Override
    public URI apiServer() {
        return URI.create("https://10.0.0.1:6443/");
    }

    @Override
    public Instant now() {
        return NOW;
    }

    @Override
    public NameMap names() {
        return new NameMap(new TenantId("acme"));
    }

    @Override
    public <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name) {
        return tenant.stream()
                .filter(kind.type()::isInstance)
                .map(kind.type()::cast)
                .filter(object -> Kinds.name(object).equals(name)
                        && Kinds.namespace(object).equals(namespace))
                .findFirst();
    }

    @Override
    public <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName) {
        return hostObjects(kind).stream()
                .filter(object -> Kinds.name(object).equals(hostName))
                .findFirst();
    }

    @Override
    public <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind) {
        return host.stream()
                .filter(kind.type()::isInstance)
                .filter(object -> Objects.equals(object.getKind(), kind.kind()))
                .map(kind.type()::cast)
                .toList();
    }

    @Override
    public boolean isReferenced(String kind, String namespace, String name) {
        return referenced.contains(name);
    }
}
