package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.insula.syncer.engine.Shortcut;
import io.insula.tenantapi.http.HttpServer;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The API servers of this process, for its own clients. A client is known by the certificate in its kubeconfig, which
/// the server takes or refuses as a handshake would; whoever shows none is nobody there. Thread-safe.
@Singleton
final class NearServers implements Shortcut {

    private final Map<String, HttpServer> byAuthority = new ConcurrentHashMap<>();

    /// From now on it is reached directly, also while it answers that its cluster sleeps.
    ///
    /// @param listenAddress an IP address, by which its clients here call it; loopback if it is all addresses
    /// @return ends that
    Runnable add(String listenAddress, HttpServer server) {
        String authority = authority(listenAddress, server.port());
        byAuthority.put(authority, server);
        return () -> byAuthority.remove(authority, server);
    }

    @Override
    public Way to(Config access) {
        String authority = String.valueOf(URI.create(access.getMasterUrl()).getAuthority());
        var way = new NearWay(() -> Optional.ofNullable(byAuthority.get(authority)), certificates(access));
        return way::send;
    }

    private static String authority(String address, int port) {
        String host = address.equals("0.0.0.0") || address.equals("::") ? "127.0.0.1" : address;
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /// Empty where there is none that can be read: it would not make a handshake either.
    private static List<X509Certificate> certificates(Config access) {
        String data = access.getClientCertData();
        if (data == null) {
            return List.of();
        }
        try {
            Collection<? extends Certificate> read = CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(Base64.getDecoder().decode(data)));
            return read.stream().map(each -> (X509Certificate) each).toList();
        } catch (CertificateException | IllegalArgumentException e) {
            return List.of();
        }
    }
}
