package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvFromSourceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.List;
import java.util.function.BinaryOperator;

/// Every place where a pod names another object. The one list of them: what is referenced and what is renamed cannot
/// differ.
///
/// @param rename from kind and name to the new name
record PodReferences(BinaryOperator<String> rename) {

    PodSpec rewrite(PodSpec spec) {
        return new PodSpecBuilder(spec)
                .withContainers(containers(spec.getContainers()))
                .withInitContainers(containers(spec.getInitContainers()))
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
                        .withEnv(container.getEnv().stream().map(this::variable).toList())
                        .withEnvFrom(container.getEnvFrom().stream()
                                .map(this::variables)
                                .toList())
                        .build())
                .toList();
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

    private EnvFromSource variables(EnvFromSource source) {
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
                    .withClaimName(rename.apply(
                            "PersistentVolumeClaim",
                            volume.getPersistentVolumeClaim().getClaimName()))
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

    private String configMap(String name) {
        return rename.apply("ConfigMap", name);
    }

    private String secret(String name) {
        return rename.apply("Secret", name);
    }
}
