package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/// A Secret of the type `bootstrap.kubernetes.io/token`. Source: cluster-bootstrap, `util/secrets`.
record BootstrapTokenSecret(ObjectNode object) {

    static final String NAMESPACE = "kube-system";
    static final Query OF_TYPE = new Query("", "type=" + WellKnownKeys.BOOTSTRAP_TOKEN);

    private static final String PREFIX = "bootstrap-token-";
    private static final Pattern ID = Pattern.compile("[a-z0-9]{6}");

    String id() {
        return text("token-id");
    }

    String secret() {
        return text("token-secret");
    }

    boolean maySign(Instant now) {
        boolean named = ID.matcher(id()).matches() && Meta.name(object).equals(PREFIX + id());
        return named
                && !secret().isEmpty()
                && expires().filter(end -> !now.isBefore(end)).isEmpty()
                && text("usage-bootstrap-signing").equals("true");
    }

    /// When it ends; long ago where that cannot be read, never where it is not said.
    Optional<Instant> expires() {
        String expiration = text("expiration");
        if (expiration.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(expiration).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.of(Instant.EPOCH);
        }
    }

    private String text(String key) {
        try {
            String encoded = object.path("data").path(key).asText("");
            return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
