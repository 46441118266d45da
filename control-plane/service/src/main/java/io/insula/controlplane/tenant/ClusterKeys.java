package io.insula.controlplane.tenant;

import io.insula.controlplane.home.Listening;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Credentials;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.KeyRing;
import io.insula.controlplane.pki.Kubeconfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The certificates of one cluster, and what people were given of them: opened, or made, when somebody asks first.
/// Thread-safe: guarded by `this`.
final class ClusterKeys {

    private static final String PKI = "pki";
    private static final String CREDENTIALS = "credentials";

    /// Folders of the cluster's folder: all that it has on disk beside its store.
    static final List<String> FOLDERS = List.of(PKI, CREDENTIALS);

    private final String name;
    private final Path folder;
    private final Listening listening;
    private final Clock clock;
    private @Nullable ClusterPki pki;
    private @Nullable Credentials credentials;

    /// @param name the cluster's, as its certificates have it
    /// @param folder the cluster's
    ClusterKeys(String name, Path folder, Listening listening, Clock clock) {
        this.name = name;
        this.folder = folder;
        this.listening = listening;
        this.clock = clock;
    }

    synchronized ClusterPki pki() {
        ClusterPki open = pki;
        if (open == null) {
            open = ClusterPki.open(folder.resolve(PKI), name, listening.names(), clock);
            pki = open;
        }
        return open;
    }

    synchronized Credentials credentials() {
        Credentials open = credentials;
        if (open == null) {
            open = Credentials.open(folder.resolve(CREDENTIALS), clock);
            credentials = open;
        }
        return open;
    }

    /// A kubeconfig for a person, which is remembered.
    ///
    /// @param cluster as the kubeconfig calls it
    IssuedKubeconfig issue(String cluster, String endpoint, String user, List<String> groups, Duration validity) {
        KeyRing.Keys<CertificateAuthority> now = pki().authorities().now();
        KeyAndCertificate own = now.signing().issue(CertificateSpec.client(user, groups, validity));
        IssuedKubeconfig issued =
                new Kubeconfig(cluster, endpoint, ClusterPki.trustPem(now), user, own).issued();
        credentials().record(own.certificate(), user, groups, issued.credentialId(), now.name());
        return issued;
    }

    /// Before the folder is removed.
    synchronized void forget() {
        pki = null;
        credentials = null;
    }
}
