package io.insula.it.bench;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/// The API server under load.
///
/// @param tls trusts the server and shows the client's certificate
record Target(URI server, SSLContext tls) {

    /// @throws IllegalArgumentException when the file is no kubeconfig with a client certificate
    static Target of(Path kubeconfig) {
        try {
            Config config = Config.fromKubeconfig(new File(kubeconfig.toString()));
            return new Target(URI.create(config.getMasterUrl()), SSLUtils.sslContext(config));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException("kubeconfig " + kubeconfig + ": " + e.getMessage(), e);
        }
    }
}
