package io.insula.isolation;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;

/// What runs on the host for a tenant pod.
public sealed interface HostWorkload {

    /// A pod in the profile's sandbox.
    record HostPod(Pod pod) implements HostWorkload {}

    /// A KubeVirt virtual machine whose guest runs the pod's containers.
    ///
    /// @param machine a `VirtualMachineInstance` of `kubevirt.io/v1`
    /// @param guestData what the guest's cloud-init reads at boot: the pod itself. It has the machine's name
    record HostVirtualMachine(GenericKubernetesResource machine, Secret guestData) implements HostWorkload {}

    /// The profile cannot or may not run this pod.
    ///
    /// @param field path of the field in the way, as Kubernetes writes it (`spec.containers[0].securityContext`)
    /// @param message why, for the tenant's eyes
    record Unsupported(String field, String message) implements HostWorkload {}
}
