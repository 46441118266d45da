package io.insula.controlplane.admin;

import io.insula.controlplane.pki.IssuedKubeconfig;
import java.time.Duration;
import java.util.List;

/// How the host cluster's kubeconfigs come about.
public sealed interface HostAccess {

    /// The host is ours: its authority issues certificates.
    @FunctionalInterface
    non-sealed interface Issuing extends HostAccess {
        IssuedKubeconfig kubeconfig(String user, List<String> groups, Duration validity);
    }

    /// The host is somebody else's: there is only the kubeconfig that we were given.
    record Given(String yaml) implements HostAccess {}
}
