package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFileBuilder;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
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
import io.insula.isolation.Note;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.TenantView;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A tenant pod as it is to be on the host: renamed first, then put into its sandbox by the isolation profile.
///
/// Left out on purpose: the service account (the host knows none of the tenant's), the subdomain ([PodHostname]),
/// annotations that no volume shows, owner references and finalizers. Users are told by [PodNotes] and the module's
/// README.
final class PodTranslator {

    private final Profiles profiles;

    PodTranslator(Profiles profiles) {
        this.profiles = profiles;
    }

    /// A pod as it is to be on the host.
    ///
    /// @param notes what the user is told was left out
    record Translated(HostWorkload workload, List<String> notes) {
        Translated {
            notes = List.copyOf(notes);
        }
    }

    /// A new pod, by the profile that it asks for.
    Translated translate(Pod tenant, TenantView view, ServiceEnvironment services) {
        return translate(tenant, view, services, "");
    }

    /// @param profile the one that the pod runs under; empty for a new pod
    Translated translate(Pod tenant, TenantView view, ServiceEnvironment services, String profile) {
        var refused = PodRules.refusal(tenant);
        if (refused.isPresent()) {
            return new Translated(refused.get(), List.of());
        }
        if (profile.isEmpty() && ownClass(tenant, view) instanceof OwnRuntimeClass.Nobodys nobodys) {
            return new Translated(nobodys.refusal(), List.of());
        }
        var hostName = view.names().hostName("Pod", Kinds.namespace(tenant), Kinds.name(tenant));
        String chosen;
        try {
            // rules judge what the tenant wrote, not what is left of it here
            chosen = profile.isEmpty() ? profiles.ruled(tenant, view.profiles()).orElse("") : profile;
        } catch (IllegalArgumentException e) {
            return new Translated(new Unsupported("spec", String.valueOf(e.getMessage())), List.of());
        }
        var asked = asking(tenant, hostName, chosen)
                .withSpec(spec(tenant, view, services))
                .withStatus(null);
        if (!profile.isEmpty()) {
            asked.editSpec().withRuntimeClassName(null).endSpec();
        }
        var translation = profiles.translate(asked.build(), view.profiles().withoutRules());
        var meta = new ObjectMetaBuilder(meta(tenant, view, translation.profile()))
                .addToAnnotations(view.profiles().hostAnnotations(translation.profile()))
                .addToAnnotations(SpecUpdates.CARRIED, SpecUpdates.mark(withoutEphemeral(tenant)))
                .build();
        var workload = switch (translation.workload()) {
            case HostPod(var pod) ->
                new HostPod(new PodBuilder(pod)
                        .withMetadata(meta)
                        .editSpec()
                        .withHostnameOverride(PodHostname.override(tenant).orElse(null))
                        .endSpec()
                        .build());
            case HostVirtualMachine(var machine, var data) -> machine(machine, data, meta);
            case Unsupported unsupported -> unsupported;
        };
        var notes = Stream.concat(
                PodNotes.of(tenant).stream(), translation.notes().stream().map(Note::text));
        return new Translated(workload, notes.toList());
    }

    /// As it is created: ephemeral containers are added afterwards.
    static Pod withoutEphemeral(Pod pod) {
        return new PodBuilder(pod)
                .editSpec()
                .withEphemeralContainers(List.of())
                .endSpec()
                .build();
    }

    /// Metadata as the host object carries it.
    ObjectMeta meta(Pod tenant, TenantView view, String profile) {
        var own = tenant.getMetadata();
        var builder = new ObjectMetaBuilder(Kinds.withLabels(view.names().hostMeta("Pod", tenant), own.getLabels()))
                .addToLabels(NamespaceLabels.of(tenant, view))
                .addToAnnotations(DownwardFields.mounted(tenant))
                .addToAnnotations(PodHostname.nameOfItsOwn(tenant))
                .addToAnnotations(InsulaLabels.PROFILE, profile);
        if (NetworkPolicySyncer.isOpen(tenant, "Ingress", view)) {
            builder.addToLabels(InsulaLabels.OPEN, "true");
        }
        if (NetworkPolicySyncer.isOpen(tenant, "Egress", view)) {
            builder.addToLabels(InsulaLabels.OPEN_EGRESS, "true");
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
    private static PodBuilder asking(Pod tenant, String hostName, String profile) {
        var meta = new ObjectMetaBuilder()
                .withName(hostName)
                .withNamespace(tenant.getMetadata().getNamespace())
                .withLabels(tenant.getMetadata().getLabels())
                .withAnnotations(tenant.getMetadata().getAnnotations());
        if (!profile.isEmpty()) {
            meta.removeFromLabels(Profiles.ASK).addToAnnotations(Profiles.ASK, profile);
        }
        return new PodBuilder(tenant).withMetadata(meta.build());
    }

    private static OwnRuntimeClass ownClass(Pod tenant, TenantView view) {
        return OwnRuntimeClass.of(tenant, view.tenantObjects(Kinds.RUNTIME_CLASS), view.profiles());
    }

    private static @Nullable String runtimeClass(Pod tenant, TenantView view) {
        return ownClass(tenant, view) instanceof OwnRuntimeClass.Same(var name)
                ? name
                : tenant.getSpec().getRuntimeClassName();
    }

    private static PodSpec spec(Pod tenant, TenantView view, ServiceEnvironment services) {
        var namespace = Kinds.namespace(tenant);
        var own = OwnDemands.of(tenant, view);
        var terms = AffinityTerms.of(tenant, view, own.keys());
        var choice = NodeChoice.of(tenant, view);
        var renamed = new PodReferences(
                        (kind, name) -> view.names().hostName(kind, namespace, name), Kinds.name(tenant))
                .rewrite(tenant.getSpec());
        var variables = new Variables(tenant, view, services);
        var host = new PodSpecBuilder(renamed)
                .withServiceAccount(null)
                .withServiceAccountName(null)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withHostname(PodHostname.of(tenant))
                .withSubdomain(null)
                .withSetHostnameAsFQDN(null)
                .withNodeName(null)
                .withRuntimeClassName(runtimeClass(tenant, view))
                .withSchedulerName(defaultToNull(tenant.getSpec().getSchedulerName()))
                .withReadinessGates(ReadinessGates.onHost(tenant))
                .withNodeSelector(choice.selector(renamed.getNodeSelector()))
                .withAffinity(choice.affinity(
                        terms.affinity(renamed.getAffinity()),
                        view,
                        own.topology().preferences()))
                .withTopologySpreadConstraints(terms.spread(renamed.getTopologySpreadConstraints()))
                .withContainers(own.resources()
                        .without(variables.containers(
                                renamed.getContainers(), tenant.getSpec().getContainers())))
                .withInitContainers(own.resources()
                        .without(variables.containers(
                                renamed.getInitContainers(), tenant.getSpec().getInitContainers())))
                .withEphemeralContainers(variables.ephemeral(
                        renamed.getEphemeralContainers(), tenant.getSpec().getEphemeralContainers()))
                .withVolumes(renamed.getVolumes().stream()
                        .map(volume -> truthful(volume, tenant, view))
                        .toList());
        return TenantDns.apply(host, tenant, view, services.apiServer()).build();
    }

    private static @Nullable String defaultToNull(@Nullable String scheduler) {
        return "default-scheduler".equals(scheduler) ? null : scheduler;
    }

    /// The variables of a pod's containers, which are in the same order on both sides.
    private record Variables(Pod tenant, TenantView view, ServiceEnvironment services) {

        List<Container> containers(List<Container> renamed, List<Container> own) {
            return IntStream.range(0, renamed.size())
                    .mapToObj(i -> new ContainerBuilder(renamed.get(i))
                            .withEnv(env(
                                    renamed.get(i).getName(),
                                    renamed.get(i).getEnv(),
                                    own.get(i).getEnvFrom()))
                            .build())
                    .toList();
        }

        List<EphemeralContainer> ephemeral(List<EphemeralContainer> renamed, List<EphemeralContainer> own) {
            return IntStream.range(0, renamed.size())
                    .mapToObj(i -> new EphemeralContainerBuilder(renamed.get(i))
                            .withEnv(env(
                                    renamed.get(i).getName(),
                                    renamed.get(i).getEnv(),
                                    own.get(i).getEnvFrom()))
                            .build())
                    .toList();
        }

        private List<EnvVar> env(String container, List<EnvVar> own, List<EnvFromSource> sources) {
            var known = own.stream()
                    .map(variable -> DownwardFields.variable(variable, container, tenant))
                    .toList();
            return services.before(known, sources, Kinds.namespace(tenant), view);
        }
    }

    private static Volume truthful(Volume volume, Pod tenant, TenantView view) {
        var builder = new VolumeBuilder(volume);
        if (volume.getDownwardAPI() != null) {
            builder.editDownwardAPI()
                    .withItems(fields(volume.getDownwardAPI().getItems(), tenant))
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
                    .withItems(fields(source.getDownwardAPI().getItems(), tenant))
                    .endDownwardAPI()
                    .build();
        }
        return source.getServiceAccountToken() == null
                ? source
                : PodTokens.fromSecret(volume, index, source, tenant, view.names());
    }

    private static List<DownwardAPIVolumeFile> fields(List<DownwardAPIVolumeFile> items, Pod tenant) {
        return items.stream().map(item -> field(item, tenant)).toList();
    }

    private static DownwardAPIVolumeFile field(DownwardAPIVolumeFile item, Pod tenant) {
        if (item.getResourceFieldRef() != null) {
            return OwnRequests.annotation(item.getResourceFieldRef(), tenant)
                    .map(key -> new DownwardAPIVolumeFileBuilder(item)
                            .withResourceFieldRef(null)
                            .withNewFieldRef("v1", "metadata.annotations['" + key + "']")
                            .build())
                    .orElse(item);
        }
        return item.getFieldRef() == null
                ? item
                : new DownwardAPIVolumeFileBuilder(item)
                        .editFieldRef()
                        .withFieldPath(DownwardFields.path(item.getFieldRef().getFieldPath()))
                        .endFieldRef()
                        .build();
    }
}
