package io.insula.tenantapi.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tokens of `kubernetes.io/service-account-token` Secrets: they name no audience and never expire, but hold
/// only as long as the Secret with exactly this token and its service account exist. Their use is written on the
/// Secret, once a day. Immutable. Source: kubernetes, `pkg/serviceaccount/legacy.go`.
final class LegacyTokens {

    static final String ISSUER = "kubernetes/serviceaccount";

    private static final Logger LOG = LoggerFactory.getLogger(LegacyTokens.class);
    private static final String CLAIM = "kubernetes.io/serviceaccount/";
    private static final GroupVersionResource ACCOUNTS = new GroupVersionResource("", "v1", "serviceaccounts");
    private static final GroupVersionResource SECRETS = new GroupVersionResource("", "v1", "secrets");

    private final Supplier<ObjectClient> client;
    private final InstantSource clock;

    LegacyTokens(Supplier<ObjectClient> client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    static ObjectNode claims(ServiceAccountName account, String accountUid, String secret) {
        return Json.object()
                .put("iss", ISSUER)
                .put(CLAIM + "namespace", account.namespace())
                .put(CLAIM + "secret.name", secret)
                .put(CLAIM + "service-account.name", account.name())
                .put(CLAIM + "service-account.uid", accountUid)
                .put("sub", account.userName());
    }

    /// The user of a token whose signature holds.
    ///
    /// @throws ApiException 401 with the reason
    UserInfo user(String token, JsonNode claims) {
        var account = new ServiceAccountName(text(claims, "namespace"), text(claims, "service-account.name"));
        String uid = text(claims, "service-account.uid");
        if (!claims.path("sub").asText("").equals(account.userName())) {
            throw refuse("sub claim is invalid");
        }
        ObjectNode secret = client.get()
                .get(SECRETS, account.namespace(), text(claims, "secret.name"))
                .filter(found -> !Meta.isBeingDeleted(found))
                .orElseThrow(() -> refuse("Token has been invalidated"));
        if (!MessageDigest.isEqual(kept(secret), token.getBytes(StandardCharsets.UTF_8))) {
            throw refuse("Token does not match server's copy");
        }
        requireAccount(account, uid);
        recordUse(secret);
        if (!Meta.labels(secret)
                .getOrDefault(WellKnownKeys.TOKEN_INVALID_SINCE, "")
                .isEmpty()) {
            throw refuse("the token in secret " + account.namespace() + "/" + Meta.name(secret)
                    + " for service account " + account.namespace() + "/" + account.name()
                    + " has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based"
                    + " tokens, or remove the '" + WellKnownKeys.TOKEN_INVALID_SINCE
                    + "' label from the secret to temporarily allow use of this token");
        }
        return new UserInfo(
                account.userName(), uid, Groups.authenticated(Groups.ofServiceAccounts(account.namespace())), Map.of());
    }

    private void requireAccount(ServiceAccountName name, String uid) {
        String shown = name.namespace() + "/" + name.name();
        ObjectNode account = client.get()
                .get(ACCOUNTS, name.namespace(), name.name())
                .orElseThrow(() -> refuse("serviceaccount \"" + name.name() + "\" not found"));
        if (Meta.isBeingDeleted(account)) {
            throw refuse("ServiceAccount " + shown + " has been deleted");
        }
        if (!Meta.uid(account).equals(uid)) {
            throw refuse("ServiceAccount UID (" + Meta.uid(account) + ") does not match claim (" + uid + ")");
        }
    }

    /// Whether or not it can be written down, the token is good.
    private void recordUse(ObjectNode secret) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        String last = Meta.labels(secret).getOrDefault(WellKnownKeys.TOKEN_LAST_USED, "");
        if (last.equals(today.toString()) || last.equals(today.plusDays(1).toString())) {
            return;
        }
        ObjectNode patch = Json.object();
        ObjectNode metadata = patch.putObject("metadata").put("uid", Meta.uid(secret));
        metadata.putObject("labels").put(WellKnownKeys.TOKEN_LAST_USED, today.toString());
        try {
            client.get().mergePatch(SECRETS, Meta.namespace(secret), Meta.name(secret), "", patch);
        } catch (ApiException e) {
            LOG.atWarn()
                    .addKeyValue("namespace", Meta.namespace(secret))
                    .addKeyValue("name", Meta.name(secret))
                    .addKeyValue("cause", e.getMessage())
                    .log("the use of a legacy token is not recorded");
        }
    }

    private static byte[] kept(ObjectNode secret) {
        try {
            return Base64.getDecoder().decode(secret.path("data").path("token").asText(""));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static String text(JsonNode claims, String name) {
        return Optional.of(claims.path(CLAIM + name).asText(""))
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> refuse(name + " claim is missing"));
    }

    private static ApiException refuse(String why) {
        return ApiException.of(401, "Unauthorized", why);
    }
}
