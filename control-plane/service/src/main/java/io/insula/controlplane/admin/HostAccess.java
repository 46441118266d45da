package io.insula.controlplane.admin;

import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import java.time.Duration;
import java.util.List;

/// How the host cluster's kubeconfigs come about.
public sealed interface HostAccess {

    /// The host is ours: its authority issues certificates.
    non-sealed interface Issuing extends HostAccess {
        IssuedKubeconfig kubeconfig(String user, List<String> groups, Duration validity);

        /// What people were given, the newest first.
        List<Credential> issued();

        /// From now on it is worth nothing, also on connections that are open.
        ///
        /// @throws IllegalArgumentException for what is no serial number
        Credential revoke(String serial);
    }

    /// The host is somebody else's: there is only the kubeconfig that we were given.
    record Given(String yaml) implements HostAccess {}
}
