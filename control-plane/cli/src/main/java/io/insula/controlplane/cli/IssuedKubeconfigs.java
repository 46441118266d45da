package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.insula.tenantapi.api.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What is told of kubeconfigs that were issued, and how those to revoke are named.
final class IssuedKubeconfigs {

    private static final int HEX = 16;

    private IssuedKubeconfigs() {}

    /// Which to revoke.
    static final class Which {
        @Option(names = "--serial", paramLabel = "S", description = "The serial number of its certificate, as listed.")
        private String serial = "";

        @Option(names = "--user", paramLabel = "U", description = "All of a user's.")
        private String user = "";

        @Option(names = "--file", paramLabel = "F", description = "That in a kubeconfig file.")
        private @Nullable Path file;

        ObjectNode request() {
            ObjectNode request = Json.object();
            if (file != null) {
                return request.put("serial", serialIn(file));
            }
            return user.isEmpty() ? request.put("serial", serial) : request.put("user", user);
        }
    }

    static void print(JsonNode answer) {
        var rows = new ArrayList<List<String>>();
        answer.path("items").forEach(each -> rows.add(row(each)));
        TextTable.print(List.of("SERIAL", "USER", "GROUPS", "AUTHORITY", "ISSUED", "EXPIRES", "REVOKED"), rows);
    }

    private static List<String> row(JsonNode credential) {
        var groups = new ArrayList<String>();
        credential.path("groups").forEach(group -> groups.add(group.asText()));
        return List.of(
                credential.path("serial").asText(),
                credential.path("user").asText("-"),
                groups.isEmpty() ? "-" : String.join(",", groups),
                credential.path("authority").asText("-"),
                credential.path("issuedTimestamp").asText("-"),
                credential.path("expirationTimestamp").asText("-"),
                credential.path("revocationTimestamp").asText("-"));
    }

    /// What a file says, without anything of other files.
    ///
    /// @throws IOException where it is none
    static Config read(Path file) throws IOException {
        String text = Files.readString(file);
        // fabric8 takes a file without anything for several
        if (!text.contains("clusters:")) {
            throw new IOException("no clusters in it");
        }
        return Config.fromKubeconfig(text);
    }

    private static String serialIn(Path file) {
        try {
            String certificate = read(file).getClientCertData();
            if (certificate == null) {
                throw new CommandException("--file: " + file + " has no client certificate");
            }
            var read = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(Base64.getDecoder().decode(certificate)));
            return read.getSerialNumber().toString(HEX);
        } catch (IOException | IllegalArgumentException | CertificateException e) {
            throw new CommandException("--file: " + file + " is no kubeconfig that can be read: " + e.getMessage(), e);
        }
    }
}
