package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFileBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantView;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A tenant pod as it is to be on the host: renamed first, then put into its sandbox by the isolation profile.
///
/// Left out on purpose: the service account (the host knows none of the tenant's), priority (it would be
/// compared with other tenants'), the subdomain (host Services have other names), owner references and
/// finalizers.
final class PodTranslator {

    private static final int LABEL_LENGTH = 63;

    private final Profiles profiles;

    PodTranslator(Profiles profiles) {
        this.profiles = profiles;
    }

    HostWorkload translate(Pod tenant, TenantView view, ServiceEnvironment services) {
        var refused = PodRules.refusal(tenant);
        if (refused.isPresent()) {
            return refused.get();
        }
        if (AffinityTerms.selectsNamespaces(tenant.getSpec().getAffinity())) {
            return new Unsupported("spec.affinity", "namespaceSelector can only be left out or empty (all namespaces)");
        }
        var hostName = view.names().hostName("Pod", Kinds.namespace(tenant), Kinds.name(tenant));
        var asked = new PodBuilder(tenant)
                .withMetadata(asking(tenant, hostName))
                .withSpec(spec(tenant, view, services))
                .withStatus(null)
                .build();
        var translation = profiles.translate(asked, view.profiles());
        var meta = meta(tenant, view, translation.profile());
        return switch (translation.workload()) {
            case HostPod(var pod) ->
                new HostPod(new PodBuilder(pod).withMetadata(meta).build());
            case HostVirtualMachine(var machine, var data) -> machine(machine, data, meta);
            case Unsupported unsupported -> unsupported;
        };
    }

    /// Metadata as the host object carries it.
    ObjectMeta meta(Pod tenant, TenantView view, String profile) {
        var own = tenant.getMetadata();
        var annotations = Kinds.annotations(tenant);
        var builder = new ObjectMetaBuilder(Kinds.withLabels(view.names().hostMeta("Pod", tenant), own.getLabels()))
                .addToAnnotations(NameMap.hostLabels(annotations))
                .addToAnnotations(InsulaLabels.PROFILE, profile);
        if (NetworkPolicySyncer.isOpen(tenant, "Ingress", view)) {
            builder.addToLabels(InsulaLabels.OPEN, "true");
        }
        if (NetworkPolicySyncer.isOpen(tenant, "Egress", view)) {
            builder.addToLabels(InsulaLabels.OPEN_EGRESS, "true");
        }
        if (asksFor(tenant, "metadata.labels")) {
            builder.addToAnnotations(DownwardFields.LABELS, DownwardFields.lines(own.getLabels()));
        }
        if (asksFor(tenant, "metadata.annotations")) {
            builder.addToAnnotations(DownwardFields.ANNOTATIONS, DownwardFields.lines(own.getAnnotations()));
        }
        return builder.build();
    }

    private static HostWorkload machine(GenericKubernetesResource machine, Secret data, ObjectMeta meta) {
        machine.setMetadata(meta);
        var encoded = new LinkedHashMap<String, String>();
        data.getStringData()
                .forEach((key, value) ->
                        encoded.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        var secret = new SecretBuilder(data)
                .withMetadata(meta)
                .withStringData(null)
                .withData(encoded)
                .build();
        return new HostVirtualMachine(machine, secret);
    }

    /// The name it has on the host (a machine's boot data is found by it), and what it says about its profile.
    private static ObjectMeta asking(Pod tenant, String hostName) {
        return new ObjectMetaBuilder()
                .withName(hostName)
                .withNamespace(tenant.getMetadata().getNamespace())
                .withLabels(tenant.getMetadata().getLabels())
                .withAnnotations(tenant.getMetadata().getAnnotations())
                .build();
    }

    private static PodSpec spec(Pod tenant, TenantView view, ServiceEnvironment services) {
        var namespace = Kinds.namespace(tenant);
        var terms = new AffinityTerms(view.names(), namespace);
        var renamed = new PodReferences(
                        (kind, name) -> view.names().hostName(kind, namespace, name), Kinds.name(tenant))
                .rewrite(tenant.getSpec());
        var host = new PodSpecBuilder(renamed)
                .withServiceAccount(null)
                .withServiceAccountName(null)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withHostname(hostname(tenant))
                .withSubdomain(null)
                .withSetHostnameAsFQDN(null)
                .withNodeName(null)
                .withPriority(null)
                .withPriorityClassName(null)
                .withPreemptionPolicy(null)
                .withSchedulerName(defaultToNull(tenant.getSpec().getSchedulerName()))
                .withEphemeralContainers(List.of())
                .withAffinity(terms.affinity(renamed.getAffinity()))
                .withTopologySpreadConstraints(terms.spread(renamed.getTopologySpreadConstraints()))
                .withContainers(truthful(renamed.getContainers(), tenant, services))
                .withInitContainers(truthful(renamed.getInitContainers(), tenant, services))
                .withVolumes(renamed.getVolumes().stream()
                        .map(volume -> truthful(volume, tenant, view))
                        .toList());
        return TenantDns.apply(host, tenant, view, services.apiServer()).build();
    }

    private static @Nullable String defaultToNull(@Nullable String scheduler) {
        return "default-scheduler".equals(scheduler) ? null : scheduler;
    }

    private static String hostname(Pod tenant) {
        var wanted = Objects.requireNonNullElse(
                tenant.getSpec().getHostname(), tenant.getMetadata().getName());
        var label = wanted.toLowerCase(Locale.ROOT).replace('.', '-');
        return label.substring(0, Math.min(LABEL_LENGTH, label.length())).replaceAll("-+$", "");
    }

    private static List<Container> truthful(List<Container> containers, Pod tenant, ServiceEnvironment services) {
        return containers.stream()
                .map(container -> new ContainerBuilder(container)
                        .withEnv(services.before(container.getEnv().stream()
                                .map(variable -> DownwardFields.variable(variable, tenant))
                                .toList()))
                        .build())
                .toList();
    }

    private static Volume truthful(Volume volume, Pod tenant, TenantView view) {
        var builder = new VolumeBuilder(volume);
        if (volume.getDownwardAPI() != null) {
            builder.editDownwardAPI()
                    .withItems(fields(volume.getDownwardAPI().getItems()))
                    .endDownwardAPI();
        }
        if (volume.getProjected() != null) {
            var sources = volume.getProjected().getSources();
            builder.editProjected()
                    .withSources(IntStream.range(0, sources.size())
                            .mapToObj(i -> truthful(volume, i, sources.get(i), tenant, view))
                            .toList())
                    .endProjected();
        }
        return builder.build();
    }

    private static VolumeProjection truthful(
            Volume volume, int index, VolumeProjection source, Pod tenant, TenantView view) {
        if (source.getDownwardAPI() != null) {
            return new VolumeProjectionBuilder(source)
                    .editDownwardAPI()
                    .withItems(fields(source.getDownwardAPI().getItems()))
                    .endDownwardAPI()
                    .build();
        }
        return source.getServiceAccountToken() == null
                ? source
                : PodTokens.fromSecret(volume, index, source, tenant, view.names());
    }

    private static List<DownwardAPIVolumeFile> fields(List<DownwardAPIVolumeFile> items) {
        return items.stream()
                .map(item -> item.getFieldRef() == null
                        ? item
                        : new DownwardAPIVolumeFileBuilder(item)
                                .editFieldRef()
                                .withFieldPath(
                                        DownwardFields.path(item.getFieldRef().getFieldPath()))
                                .endFieldRef()
                                .build())
                .toList();
    }

    private static boolean asksFor(Pod tenant, String path) {
        return tenant.getSpec().getVolumes().stream()
                .flatMap(volume -> Stream.concat(
                        Stream.ofNullable(volume.getDownwardAPI()).flatMap(source -> source.getItems().stream()),
                        Stream.ofNullable(volume.getProjected())
                                .flatMap(source -> source.getSources().stream())
                                .filter(source -> source.getDownwardAPI() != null)
                                .flatMap(source -> source.getDownwardAPI().getItems().stream())))
                .anyMatch(item -> item.getFieldRef() != null
                        && path.equals(item.getFieldRef().getFieldPath()));
    }
}
