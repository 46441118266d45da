package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvFromSourceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/// Every place where a pod names another object, or holds one. The one list of them: what is referenced and what is
/// renamed cannot differ. `PodReferencesTest` walks the schema for places that are missing here.
///
/// @param rename from kind and name to the new name
/// @param pod the pod's own name: the claims of its ephemeral volumes begin with it
record PodReferences(BinaryOperator<String> rename, String pod) {

    /// The claim that the tenant's own controller makes for a generic ephemeral volume.
    /// Source: Kubernetes documentation, "Ephemeral Volumes", "PersistentVolumeClaim naming".
    static String ephemeralClaim(String pod, Volume volume) {
        return pod + "-" + volume.getName();
    }

    PodSpec rewrite(PodSpec spec) {
        return new PodSpecBuilder(spec)
                .withContainers(containers(spec.getContainers()))
                .withInitContainers(containers(spec.getInitContainers()))
                .withEphemeralContainers(spec.getEphemeralContainers().stream()
                        .map(container -> new EphemeralContainerBuilder(container)
                                .withEnv(variables(container.getEnv()))
                                .withEnvFrom(sources(container.getEnvFrom()))
                                .build())
                        .toList())
                .withVolumes(spec.getVolumes().stream().map(this::volume).toList())
                .withImagePullSecrets(spec.getImagePullSecrets().stream()
                        .map(each -> new LocalObjectReferenceBuilder(each)
                                .withName(secret(each.getName()))
                                .build())
                        .toList())
                .build();
    }

    private List<Container> containers(List<Container> containers) {
        return containers.stream()
                .map(container -> new ContainerBuilder(container)
                        .withEnv(variables(container.getEnv()))
                        .withEnvFrom(sources(container.getEnvFrom()))
                        .build())
                .toList();
    }

    private List<EnvVar> variables(List<EnvVar> variables) {
        return variables.stream().map(this::variable).toList();
    }

    private List<EnvFromSource> sources(List<EnvFromSource> sources) {
        return sources.stream().map(this::source).toList();
    }

    private EnvVar variable(EnvVar variable) {
        var source = variable.getValueFrom();
        if (source != null && source.getConfigMapKeyRef() != null) {
            return new EnvVarBuilder(variable)
                    .editValueFrom()
                    .editConfigMapKeyRef()
                    .withName(configMap(source.getConfigMapKeyRef().getName()))
                    .endConfigMapKeyRef()
                    .endValueFrom()
                    .build();
        }
        if (source != null && source.getSecretKeyRef() != null) {
            return new EnvVarBuilder(variable)
                    .editValueFrom()
                    .editSecretKeyRef()
                    .withName(secret(source.getSecretKeyRef().getName()))
                    .endSecretKeyRef()
                    .endValueFrom()
                    .build();
        }
        return variable;
    }

    private EnvFromSource source(EnvFromSource source) {
        var builder = new EnvFromSourceBuilder(source);
        if (source.getConfigMapRef() != null) {
            builder.editConfigMapRef()
                    .withName(configMap(source.getConfigMapRef().getName()))
                    .endConfigMapRef();
        }
        if (source.getSecretRef() != null) {
            builder.editSecretRef()
                    .withName(secret(source.getSecretRef().getName()))
                    .endSecretRef();
        }
        return builder.build();
    }

    private Volume volume(Volume volume) {
        var builder = new VolumeBuilder(volume);
        if (volume.getConfigMap() != null) {
            builder.editConfigMap()
                    .withName(configMap(volume.getConfigMap().getName()))
                    .endConfigMap();
        }
        if (volume.getSecret() != null) {
            builder.editSecret()
                    .withSecretName(secret(volume.getSecret().getSecretName()))
                    .endSecret();
        }
        if (volume.getPersistentVolumeClaim() != null) {
            builder.editPersistentVolumeClaim()
                    .withClaimName(claim(volume.getPersistentVolumeClaim().getClaimName()))
                    .endPersistentVolumeClaim();
        }
        if (volume.getEphemeral() != null) {
            // the host makes no claim of its own: the tenant's goes down like every other claim, under the same rules
            builder.withEphemeral(null)
                    .withNewPersistentVolumeClaim()
                    .withClaimName(claim(ephemeralClaim(pod, volume)))
                    .endPersistentVolumeClaim();
        }
        if (volume.getProjected() != null) {
            builder.editProjected()
                    .withSources(volume.getProjected().getSources().stream()
                            .map(this::projection)
                            .toList())
                    .endProjected();
        }
        return builder.build();
    }

    private VolumeProjection projection(VolumeProjection source) {
        var builder = new VolumeProjectionBuilder(source);
        if (source.getConfigMap() != null) {
            builder.editConfigMap()
                    .withName(configMap(source.getConfigMap().getName()))
                    .endConfigMap();
        }
        if (source.getSecret() != null) {
            builder.editSecret().withName(secret(source.getSecret().getName())).endSecret();
        }
        return builder.build();
    }

    private @Nullable String claim(@Nullable String name) {
        return renamed("PersistentVolumeClaim", name);
    }

    private @Nullable String configMap(@Nullable String name) {
        return renamed("ConfigMap", name);
    }

    private @Nullable String secret(@Nullable String name) {
        return renamed("Secret", name);
    }

    /// The API lets names be left out; then nothing is named.
    private @Nullable String renamed(String kind, @Nullable String name) {
        return name == null || name.isEmpty() ? null : rename.apply(kind, name);
    }
}
