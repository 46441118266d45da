package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.insula.tenantapi.tunnel.Dial;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How the host's API server is dialled for what a client of requests cannot do: with the same address, trust and
/// credential. Not through an HTTP proxy. Thread-safe: holds no state.
final class HostDial {

    private final KubernetesClient host;

    HostDial(KubernetesClient host) {
        this.host = host;
    }

    /// @throws IOException where its credentials cannot be read
    Dial.Peer peer() throws IOException {
        URI url = URI.create(host.getMasterUrl().toString());
        boolean secured = "https".equals(url.getScheme());
        int port = url.getPort() > 0 ? url.getPort() : secured ? 443 : 80;
        try {
            return new Dial.Peer(
                    url.getHost(),
                    port,
                    secured ? Optional.of(SSLUtils.sslContext(host.getConfiguration())) : Optional.empty());
        } catch (GeneralSecurityException e) {
            throw new IOException("the credential for the shared cluster is of no use", e);
        }
    }

    /// @param path from `/api` on
    String target(String path) {
        String before = URI.create(host.getMasterUrl().toString()).getRawPath();
        return (before.endsWith("/") ? before.substring(0, before.length() - 1) : before) + path;
    }

    /// What says who asks, where that is no certificate.
    Map<String, List<String>> headers() {
        Config config = host.getConfiguration();
        String token = token(config);
        if (token != null && !token.isEmpty()) {
            return Map.of("Authorization", List.of("Bearer " + token));
        }
        if (config.getUsername() != null && config.getPassword() != null) {
            byte[] pair = (config.getUsername() + ":" + config.getPassword()).getBytes(StandardCharsets.UTF_8);
            return Map.of(
                    "Authorization", List.of("Basic " + Base64.getEncoder().encodeToString(pair)));
        }
        return Map.of();
    }

    private static @org.jspecify.annotations.Nullable String token(Config config) {
        if (config.getOauthTokenProvider() != null) {
            return config.getOauthTokenProvider().getToken();
        }
        return config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
    }
}
