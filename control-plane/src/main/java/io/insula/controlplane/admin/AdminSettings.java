package io.insula.controlplane.admin;

import java.util.LinkedHashMap;
import java.util.Map;

/// The Micronaut properties of the admin server: TLS only, client certificate required.
public final class AdminSettings {

    private AdminSettings() {}

    public static Map<String, Object> properties(AdminPki pki, String listenAddress, int port) {
        var all = new LinkedHashMap<String, Object>();
        all.put("micronaut.application.name", "insula");
        all.put("micronaut.server.host", listenAddress);
        all.put("micronaut.server.port", port);
        all.put("micronaut.server.ssl.enabled", true);
        all.put("micronaut.server.ssl.port", port);
        all.put("micronaut.server.ssl.build-self-signed", false);
        all.put("micronaut.server.ssl.client-authentication", "need");
        all.put("micronaut.server.ssl.key-store.path", "file:" + pki.writeKeyStore());
        all.put("micronaut.server.ssl.key-store.type", "PKCS12");
        all.put("micronaut.server.ssl.key-store.password", AdminPki.storePassword());
        all.put("micronaut.server.ssl.trust-store.path", "file:" + pki.writeTrustStore());
        all.put("micronaut.server.ssl.trust-store.type", "PKCS12");
        all.put("micronaut.server.ssl.trust-store.password", AdminPki.storePassword());
        all.put("micronaut.server.max-request-size", "1MB");
        return all;
    }
}
