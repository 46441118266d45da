package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import java.util.List;

/// Paths inside of volumes, which lead nowhere else. Source: kubernetes, `pkg/apis/core/validation/validation.go`
/// (validateLocalDescendingPath, ValidateLocalNonReservedPath).
final class PodPaths {

    private static final List<String> OF_KEYS = List.of("configMap", "secret", "downwardAPI");
    private static final List<String> OF_ONE = List.of("serviceAccountToken", "clusterTrustBundle", "podCertificate");

    private PodPaths() {}

    /// Where a container mounts a part of a volume.
    static void mount(Checks checks, JsonNode mount, String at) {
        descending(checks, mount.path("subPath"), at + ".subPath");
        descending(checks, mount.path("subPathExpr"), at + ".subPathExpr");
    }

    /// Where the files of a volume lie in it.
    static void volume(Checks checks, JsonNode volume, String at) {
        items(checks, volume, at);
        int i = 0;
        for (JsonNode source : volume.path("projected").path("sources")) {
            String where = at + ".projected.sources[" + i++ + "]";
            items(checks, source, where);
            for (String kind : OF_ONE) {
                file(checks, source.path(kind).path("path"), where + "." + kind + ".path");
            }
        }
    }

    private static void items(Checks checks, JsonNode source, String at) {
        for (String kind : OF_KEYS) {
            int i = 0;
            for (JsonNode item : source.path(kind).path("items")) {
                file(checks, item.path("path"), at + "." + kind + ".items[" + i++ + "].path");
            }
        }
    }

    private static void file(Checks checks, JsonNode path, String at) {
        descending(checks, path, at);
        if (path.asText("").startsWith("..") && !path.asText().startsWith("../")) {
            checks.add(FieldError.invalid(at, path.asText(), "must not start with '..'"));
        }
    }

    private static void descending(Checks checks, JsonNode path, String at) {
        String text = path.asText("");
        if (text.startsWith("/")) {
            checks.add(FieldError.invalid(at, text, "must be a relative path"));
        }
        if (List.of(text.split("/", -1)).contains("..")) {
            checks.add(FieldError.invalid(at, text, "must not contain '..'"));
        }
    }
}
