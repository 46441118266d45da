package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.engine.TenantView;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What the syncer would write to the host for a pod of a tenant that has nothing else: no Services whose variables
/// a pod is given, no Nodes of which it made something. Pure.
public final class PodPreview {

    /// Where the address of the tenant's API server stands on the host.
    public static final String API_SERVER = "API-SERVER";

    private PodPreview() {}

    /// The host object, or what is in the way.
    ///
    /// @param pod its namespace and uid need not be set
    /// @throws IllegalArgumentException for a pod without a name or a spec
    public static HostWorkload of(Pod pod, Profiles profiles, TenantProfiles tenant, TenantId id) {
        var meta = pod.getMetadata();
        if (meta == null || Objects.requireNonNullElse(meta.getName(), "").isEmpty() || pod.getSpec() == null) {
            throw new IllegalArgumentException("pod: has no metadata.name or no spec (expected: a Pod)");
        }
        var whole = new PodBuilder(pod)
                .editMetadata()
                .withNamespace(Objects.requireNonNullElse(meta.getNamespace(), "default"))
                .withUid(Objects.requireNonNullElse(meta.getUid(), ""))
                .endMetadata()
                .build();
        var view = new Alone(new NameMap(id), tenant);
        var services = ServiceEnvironment.of(whole, view).orElseThrow();
        return switch (new PodTranslator(profiles)
                .translate(whole, view, services)
                .workload()) {
            case HostPod(var made) -> new HostPod(PodTranslator.withoutEphemeral(made));
            case HostVirtualMachine machine -> machine;
            case Unsupported refused -> refused;
        };
    }

    /// A tenant with nothing but its API server.
    private record Alone(NameMap names, TenantProfiles profiles) implements TenantView {

        private static final Service KUBERNETES = new ServiceBuilder()
                .withNewMetadata()
                .withName("kubernetes")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withClusterIP(API_SERVER)
                .addNewPort()
                .withName("https")
                .withPort(443)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();

        @Override
        public <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name) {
            return tenantObjects(kind).stream()
                    .filter(each -> Kinds.namespace(each).equals(namespace)
                            && Kinds.name(each).equals(name))
                    .findFirst();
        }

        @Override
        public <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
            return kind.type().isInstance(KUBERNETES) ? List.of(kind.type().cast(KUBERNETES)) : List.of();
        }

        @Override
        public URI apiServer() {
            return URI.create("https://api-server.invalid:443/");
        }

        @Override
        public Optional<HostRanges> hostRanges() {
            return Optional.empty();
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName) {
            return Optional.empty();
        }

        @Override
        public <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind) {
            return List.of();
        }

        @Override
        public boolean isReferenced(String kind, String namespace, String name) {
            return false;
        }
    }
}
