package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpecBuilder;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;

/// What a claim may not ask for, wherever it is written: in a claim, or in a pod's ephemeral volume. Whatever could
/// take somebody else's volume: the name of a volume, a selector over volumes, a snapshot or claim elsewhere, a class
/// of the host's that is not shared.
final class ClaimRules {

    private static final String CLAIM = "PersistentVolumeClaim";

    private ClaimRules() {}

    /// @param path of the claim's spec, as in `spec.volumes[0].ephemeral.volumeClaimTemplate.spec`
    static Optional<Unsupported> refusal(PersistentVolumeClaimSpec spec, String namespace, String path) {
        if (!Objects.requireNonNullElse(spec.getVolumeName(), "").isEmpty()) {
            return refuse(path + ".volumeName", "volumes are provisioned; none can be chosen");
        }
        if (spec.getSelector() != null) {
            return refuse(path + ".selector", "volumes are provisioned; none can be selected");
        }
        if (!spec.getAdditionalProperties().isEmpty()) {
            return refuse(
                    path + "."
                            + spec.getAdditionalProperties().keySet().iterator().next(),
                    "unknown field");
        }
        return attributes(spec, path).or(() -> sources(spec, namespace, path));
    }

    /// The same of a claim itself, which may be made of a snapshot of its namespace ([#snapshot]).
    static Optional<Unsupported> refusalOfClaim(PersistentVolumeClaimSpec spec, String namespace) {
        if (snapshot(spec, namespace).isEmpty()) {
            return refusal(spec, namespace, "spec");
        }
        var without = new PersistentVolumeClaimSpecBuilder(spec)
                .withDataSource(null)
                .withDataSourceRef(null)
                .build();
        return refusal(without, namespace, "spec");
    }

    /// The snapshot of the same namespace that a claim is made of; both fields say the same, where both are there.
    static Optional<String> snapshot(PersistentVolumeClaimSpec spec, String namespace) {
        var names = new HashSet<String>();
        var source = spec.getDataSource();
        if (source != null) {
            names.add(isSnapshot(source.getApiGroup(), source.getKind()) ? source.getName() : "");
        }
        var reference = spec.getDataSourceRef();
        if (reference != null) {
            boolean isHere = Objects.requireNonNullElse(reference.getNamespace(), namespace)
                    .equals(namespace);
            names.add(isHere && isSnapshot(reference.getApiGroup(), reference.getKind()) ? reference.getName() : "");
        }
        return names.size() == 1
                ? names.stream().filter(name -> !name.isEmpty()).findFirst()
                : Optional.empty();
    }

    private static boolean isSnapshot(String group, String kind) {
        return Kinds.SNAPSHOT.kind().equals(kind) && Kinds.SNAPSHOT.group().equals(group);
    }

    /// May be set later, unlike the other fields.
    static Optional<Unsupported> attributes(PersistentVolumeClaimSpec spec, String path) {
        return Objects.requireNonNullElse(spec.getVolumeAttributesClassName(), "")
                        .isEmpty()
                ? Optional.empty()
                : refuse(path + ".volumeAttributesClassName", "the host shares no VolumeAttributesClass");
    }

    private static Optional<Unsupported> sources(PersistentVolumeClaimSpec spec, String namespace, String path) {
        var source = spec.getDataSource();
        if (source != null && !isClaim(source.getApiGroup(), source.getKind())) {
            return refuse(path + ".dataSource", "only a claim of the same namespace can be copied");
        }
        var reference = spec.getDataSourceRef();
        if (reference != null
                && !(isClaim(reference.getApiGroup(), reference.getKind())
                        && (reference.getNamespace() == null
                                || reference.getNamespace().equals(namespace)))) {
            return refuse(path + ".dataSourceRef", "only a claim of the same namespace can be copied");
        }
        return Optional.empty();
    }

    private static boolean isClaim(String group, String kind) {
        return CLAIM.equals(kind) && Objects.requireNonNullElse(group, "").isEmpty();
    }

    private static Optional<Unsupported> refuse(String field, String message) {
        return Optional.of(new Unsupported(field, message));
    }
}
