package io.insula.it.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/// Clients that each create ConfigMaps of about one kilobyte in one namespace.
///
/// @param headers of each request, each with its line end: the credential where it is no certificate
record ConfigMaps(URI server, SSLContext tls, String headers, AtomicLong names) {

    private static final String PATH = "/api/v1/namespaces/default/configmaps";

    /// Clients that show the certificate of a kubeconfig.
    static ConfigMaps byCertificate(Config config) throws IOException {
        return new ConfigMaps(URI.create(config.getMasterUrl()), tls(config), "", new AtomicLong());
    }

    /// Clients that show a token of a service account, made here, which may do everything.
    ///
    /// @param config of an administrator
    static ConfigMaps byToken(Config config) throws IOException {
        String account = "bench";
        String token;
        try (var lane =
                new HttpLane(URI.create(config.getMasterUrl()), tls(config).getSocketFactory())) {
            lane.postUnlessThere(
                    "/api/v1/namespaces/default/serviceaccounts",
                    bytes("{\"metadata\":{\"name\":\"%s\"}}".formatted(account)));
            lane.postUnlessThere(
                    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", bytes("""
                            {"metadata":{"name":"%s"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",
                            "kind":"ClusterRole","name":"cluster-admin"},
                            "subjects":[{"kind":"ServiceAccount","name":"%s","namespace":"default"}]}
                            """.formatted(account, account)));
            JsonNode answer = Json.parse(
                    lane.post("/api/v1/namespaces/default/serviceaccounts/" + account + "/token", bytes("{}")));
            token = answer.path("status").path("token").asText();
        }
        var anonymous = new Config(config);
        anonymous.setClientCertData(null);
        anonymous.setClientKeyData(null);
        return new ConfigMaps(
                URI.create(config.getMasterUrl()),
                tls(anonymous),
                "Authorization: Bearer " + token + "\r\n",
                new AtomicLong());
    }

    private static SSLContext tls(Config config) throws IOException {
        try {
            return SSLUtils.sslContext(config);
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS", e);
        }
    }

    /// @param prefix of the names, so that no two loads meet
    List<Load.Client> creating(int clients, String prefix) {
        var all = new ArrayList<Load.Client>();
        for (int i = 0; i < clients; i++) {
            all.add(creating(new HttpLane(server, tls.getSocketFactory()), prefix));
        }
        return all;
    }

    /// The request is encoded once, only the name's digits change.
    private Load.Client creating(HttpLane lane, String prefix) {
        String name = NumberedRequest.name(prefix, 0);
        byte[] request = lane.encoded(
                "POST",
                PATH,
                headers,
                bytes(
                        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\"},\"data\":{\"text\":\"%s\"}}"
                                .formatted(name, "0123456789".repeat(80))));
        return NumberedRequest.creating(lane, request, prefix, names);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
