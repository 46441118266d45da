package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.syncer.engine.TenantView;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The claims of a pod's generic ephemeral volumes. The tenant's own controller makes them, owned by the pod; a claim
/// of that name that somebody else made is not the pod's to mount.
///
/// Source: Kubernetes documentation, "Ephemeral Volumes"; kubernetes `pkg/controller/volume/ephemeral`.
final class EphemeralClaims {

    private EphemeralClaims() {}

    /// The first template that asks for what no claim may ask for.
    static Optional<Unsupported> refusal(Pod pod) {
        var volumes = pod.getSpec().getVolumes();
        return IntStream.range(0, volumes.size())
                .boxed()
                .flatMap(i -> {
                    var path = "spec.volumes[" + i + "].ephemeral.volumeClaimTemplate.spec";
                    return Stream.ofNullable(volumes.get(i).getEphemeral())
                            .flatMap(source -> Stream.ofNullable(source.getVolumeClaimTemplate()))
                            .flatMap(template -> Stream.ofNullable(template.getSpec()))
                            .flatMap(spec -> ClaimRules.refusal(spec, Kinds.namespace(pod), path).stream());
                })
                .findFirst();
    }

    /// The first claim that is somebody else's.
    static Optional<Unsupported> foreign(Pod pod, TenantView view) {
        var volumes = pod.getSpec().getVolumes();
        return IntStream.range(0, volumes.size())
                .filter(i -> volumes.get(i).getEphemeral() != null)
                .boxed()
                .flatMap(i -> {
                    var name = PodReferences.ephemeralClaim(Kinds.name(pod), volumes.get(i));
                    return view
                            .tenantObject(Kinds.CLAIM, Kinds.namespace(pod), name)
                            .filter(claim -> !isOwnedBy(claim, pod))
                            .map(_ -> new Unsupported(
                                    "spec.volumes[" + i + "].ephemeral",
                                    "PVC " + name + " was not created for this pod (pod is not owner)"))
                            .stream();
                })
                .findFirst();
    }

    /// The name of the first claim that is not there yet.
    static Optional<String> missing(Pod pod, TenantView view) {
        return names(pod)
                .filter(name -> view.tenantObject(Kinds.CLAIM, Kinds.namespace(pod), name)
                        .isEmpty())
                .findFirst();
    }

    static Stream<String> names(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> volume.getEphemeral() != null)
                .map(volume -> PodReferences.ephemeralClaim(Kinds.name(pod), volume));
    }

    private static boolean isOwnedBy(PersistentVolumeClaim claim, Pod pod) {
        return claim.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> Boolean.TRUE.equals(owner.getController())
                        && Objects.equals(owner.getUid(), pod.getMetadata().getUid()));
    }
}
