package io.insula.tenantapi.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tokens `id.secret` by which new nodes and people join: each is a Secret `bootstrap-token-<id>` in kube-system.
/// Such a token gives the user `system:bootstrap:<id>` and no group outside `system:bootstrappers`. A bad one tells
/// nothing of why. Thread-safe.
///
/// Source: Kubernetes documentation, "Authenticating with Bootstrap Tokens"; kubernetes,
/// `plugin/pkg/auth/authenticator/token/bootstrap`.
public final class BootstrapTokens {

    private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
    private static final Pattern GROUP = Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
    private static final String ALL = "system:bootstrappers";
    private static final GroupVersionResource SECRETS = new GroupVersionResource("", "v1", "secrets");

    private final Supplier<ObjectClient> client;
    private final InstantSource clock;

    /// @param client reads as the server itself; asked for anew at each use
    public BootstrapTokens(Supplier<ObjectClient> client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /// Whose token it is; empty when it is none, or none that is good now.
    public Optional<UserInfo> authenticate(String token) {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String id = parts.group(1);
        return client.get()
                .get(SECRETS, "kube-system", "bootstrap-token-" + id)
                .filter(secret -> isGood(secret, id, parts.group(2)))
                .flatMap(BootstrapTokens::groups)
                .map(groups -> new UserInfo("system:bootstrap:" + id, "", groups, Map.of()));
    }

    private boolean isGood(ObjectNode secret, String id, String shown) {
        boolean same = MessageDigest.isEqual(bytes(secret, "token-secret"), shown.getBytes(StandardCharsets.UTF_8));
        return same
                && !Meta.isBeingDeleted(secret)
                && secret.path("type").asText().equals(WellKnownKeys.BOOTSTRAP_TOKEN)
                && text(secret, "token-id").equals(id)
                && !isExpired(secret)
                && text(secret, "usage-bootstrap-authentication").equals("true");
    }

    /// What cannot be read counts as past.
    private boolean isExpired(ObjectNode secret) {
        String expiration = text(secret, "expiration");
        if (expiration.isEmpty()) {
            return false;
        }
        try {
            Instant end = OffsetDateTime.parse(expiration).toInstant();
            return !clock.instant().isBefore(end);
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    /// Empty when one of them is not a bootstrapper's: then the token is bad as a whole.
    private static Optional<List<String>> groups(ObjectNode secret) {
        var groups = new TreeSet<>(List.of(ALL));
        String more = text(secret, "auth-extra-groups");
        for (String group : more.isEmpty() ? new String[0] : more.split(",", -1)) {
            if (!GROUP.matcher(group).matches()) {
                return Optional.empty();
            }
            groups.add(group);
        }
        return Optional.of(List.copyOf(groups));
    }

    private static String text(ObjectNode secret, String key) {
        return new String(bytes(secret, key), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ObjectNode secret, String key) {
        try {
            return Base64.getDecoder().decode(secret.path("data").path(key).asText(""));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
