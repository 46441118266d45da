package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Optional;

/// What pods refer to, as the API server has it now. Answers may come from memory, but never from before what a pod
/// was created with.
public interface PodSources {

    Optional<ConfigMap> configMap(String namespace, String name);

    Optional<Secret> secret(String namespace, String name);

    Optional<PersistentVolumeClaim> claim(String namespace, String name);

    /// The volume that a claim is bound to.
    Optional<PersistentVolume> volume(String name);

    /// Services of a namespace, for the variables that tell of them.
    List<Service> services(String namespace);

    /// A token of the pod's service account, bound to the pod.
    ///
    /// @param audiences empty for the API server's own
    String token(Pod pod, List<String> audiences, long seconds);
}
