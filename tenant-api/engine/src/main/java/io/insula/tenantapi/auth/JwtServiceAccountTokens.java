package io.insula.tenantapi.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Signs and checks the bound service account tokens of one tenant with the claims that upstream has. Every check
/// reads the service account and what the token is bound to, so that a token dies with either: at once where that was
/// deleted through this server, within moments where another server of the same store did it.
///
/// Another tenant's token fails at the signature, since each tenant has keys of its own; the issuer and the UIDs are
/// second and third locks.
///
/// Source: Kubernetes documentation, "Managing Service Accounts"; kubernetes/pkg/serviceaccount (claims, leeway).
public final class JwtServiceAccountTokens implements ServiceAccountTokens, TokenAuthenticator {

    /// What pods ask for by the injected volume; old clients that never reload a token get a year, as upstream does.
    static final long KUBELET_EXPIRATION_SECONDS = 3607;

    private static final long EXTENDED_SECONDS = Duration.ofDays(365).toSeconds();
    private static final Duration LEEWAY = Duration.ofSeconds(60);
    private static final String PRIVATE_CLAIMS = "kubernetes.io";
    private static final String EXTRA = "authentication.kubernetes.io/";
    private static final GroupVersionResource ACCOUNTS = new GroupVersionResource("", "v1", "serviceaccounts");
    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final GroupVersionResource SECRETS = new GroupVersionResource("", "v1", "secrets");
    private static final GroupVersionResource NODES = new GroupVersionResource("", "v1", "nodes");

    private final Supplier<ServiceAccountKeys> keys;
    private final String issuer;
    private final List<String> apiAudiences;
    private final Supplier<ObjectClient> client;
    private final InstantSource clock;
    private final LegacyTokens legacy;
    private final VerifiedTokens verified;

    /// @param keys asked at each use; answers from memory
    /// @param apiAudiences the server's own; empty for the issuer alone
    /// @param client reads as the server itself; asked for anew at each use
    public JwtServiceAccountTokens(
            Supplier<ServiceAccountKeys> keys,
            String issuer,
            List<String> apiAudiences,
            Supplier<ObjectClient> client,
            InstantSource clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.apiAudiences = apiAudiences.isEmpty() ? List.of(issuer) : List.copyOf(apiAudiences);
        this.client = client;
        this.clock = clock;
        legacy = new LegacyTokens(client, clock);
        verified = new VerifiedTokens(this::publicKeys, clock);
    }

    @Override
    public Issued issue(
            String namespace,
            String serviceAccount,
            String serviceAccountUid,
            List<String> audiences,
            long expirationSeconds,
            Map<String, String> boundTo) {
        List<String> wanted = audiences.isEmpty() ? apiAudiences : audiences;
        boolean extended = expirationSeconds == KUBELET_EXPIRATION_SECONDS && apiAudiences.containsAll(wanted);
        long now = clock.instant().getEpochSecond();
        ObjectNode claims = Json.object();
        wanted.forEach(claims.putArray("aud")::add);
        claims.put("exp", now + (extended ? EXTENDED_SECONDS : expirationSeconds));
        claims.put("iat", now).put("iss", issuer).put("jti", UUID.randomUUID().toString());
        ObjectNode ours = claims.putObject(PRIVATE_CLAIMS).put("namespace", namespace);
        if (!boundTo.isEmpty()) {
            bind(ours, namespace, boundTo);
        }
        ours.putObject("serviceaccount").put("name", serviceAccount).put("uid", serviceAccountUid);
        if (extended) {
            ours.put("warnafter", now + expirationSeconds);
        }
        claims.put("nbf", now).put("sub", new ServiceAccountName(namespace, serviceAccount).userName());
        return new Issued(sign(claims), Instant.ofEpochSecond(now + expirationSeconds));
    }

    public List<String> apiAudiences() {
        return apiAudiences;
    }

    @Override
    public Optional<Verified> authenticate(String token, List<String> audiences) {
        String claimed = Es256.claimedIssuer(token);
        if (claimed.equals(LegacyTokens.ISSUER)) {
            return Optional.of(verifyLegacy(token, audiences));
        }
        return claimed.equals(issuer) ? Optional.of(verify(token, audiences)) : Optional.empty();
    }

    /// Such a token is for the server's own audiences.
    private Verified verifyLegacy(String token, List<String> audiences) {
        JsonNode claims = verified.claims(token).orElseThrow(() -> refuse("invalid bearer token"));
        List<String> wanted = audiences.isEmpty() ? apiAudiences : audiences;
        List<String> matching = wanted.stream().filter(apiAudiences::contains).toList();
        if (matching.isEmpty()) {
            throw refuse("token audiences " + apiAudiences + " is invalid for the target audiences " + wanted);
        }
        return new Verified(legacy.user(token, claims), matching);
    }

    @Override
    public String issueLegacy(String namespace, String serviceAccount, String serviceAccountUid, String secret) {
        ObjectNode claims =
                LegacyTokens.claims(new ServiceAccountName(namespace, serviceAccount), serviceAccountUid, secret);
        return sign(claims);
    }

    @Override
    public boolean isOutdated(String token) {
        return Es256.claimedIssuer(token).equals(LegacyTokens.ISSUER)
                && verified.claims(token).isEmpty();
    }

    private String sign(ObjectNode claims) {
        ServiceAccountKeys now = keys.get();
        return Es256.sign(claims, now.signing(), Es256.keyId(now.signingPublic()));
    }

    @Override
    public Verified verify(String token, List<String> audiences) {
        JsonNode claims = verified.claims(token).orElseThrow(() -> refuse("invalid bearer token"));
        if (!claims.path("iss").asText().equals(issuer)) {
            throw refuse("invalid bearer token");
        }
        Instant now = clock.instant();
        checkLife(claims, now);
        List<String> wanted = audiences.isEmpty() ? apiAudiences : audiences;
        List<String> matching =
                texts(claims.path("aud")).filter(wanted::contains).toList();
        if (matching.isEmpty()) {
            throw refuse("token audiences " + texts(claims.path("aud")).toList()
                    + " is invalid for the target audiences " + wanted);
        }
        JsonNode ours = claims.path(PRIVATE_CLAIMS);
        String namespace = ours.path("namespace").asText();
        JsonNode account = ours.path("serviceaccount");
        var name = new ServiceAccountName(namespace, account.path("name").asText());
        if (!claims.path("sub").asText().equals(name.userName())) {
            throw refuse("invalid bearer token");
        }
        checkAlive(ACCOUNTS, namespace, account, now);
        if (ours.has("pod")) {
            checkAlive(PODS, namespace, ours.path("pod"), now);
        } else if (ours.has("secret")) {
            checkAlive(SECRETS, namespace, ours.path("secret"), now);
        } else if (ours.has("node")) {
            checkAlive(NODES, "", ours.path("node"), now);
        }
        return new Verified(toUser(name, account, withNode(namespace, ours), claims), matching);
    }

    /// The OpenID Connect discovery document.
    ///
    /// @param keysUrl where [#keySet] is served
    public ObjectNode discoveryDocument(String keysUrl) {
        ObjectNode document = Json.object().put("issuer", issuer).put("jwks_uri", keysUrl);
        document.putArray("response_types_supported").add("id_token");
        document.putArray("subject_types_supported").add("public");
        document.putArray("id_token_signing_alg_values_supported").add(Es256.ALGORITHM);
        return document;
    }

    /// The public keys as a JSON Web Key Set (`application/jwk-set+json`).
    public ObjectNode keySet() {
        ObjectNode set = Json.object();
        var array = set.putArray("keys");
        for (ECPublicKey key : publicKeys()) {
            array.addObject()
                    .put("use", "sig")
                    .put("kty", "EC")
                    .put("kid", Es256.keyId(key))
                    .put("crv", "P-256")
                    .put("alg", Es256.ALGORITHM)
                    .put("x", coordinate(key.getW().getAffineX().toByteArray()))
                    .put("y", coordinate(key.getW().getAffineY().toByteArray()));
        }
        return set;
    }

    /// Adds what the token dies with; a pod's node is named for information only.
    private void bind(ObjectNode ours, String namespace, Map<String, String> boundTo) {
        String kind = boundTo.getOrDefault("kind", "");
        String name = boundTo.getOrDefault("name", "");
        String uid = boundTo.getOrDefault("uid", "");
        switch (kind) {
            case "Pod" -> {
                addNode(ours, client.get(), namespace, name);
                ours.putObject("pod").put("name", name).put("uid", uid);
            }
            case "Secret" -> ours.putObject("secret").put("name", name).put("uid", uid);
            case "Node" -> ours.putObject("node").put("name", name).put("uid", uid);
            default -> throw ApiException.badRequest("cannot bind token for serviceaccount to object of type " + kind);
        }
    }

    /// A token may be older than the choice of its pod's node, which no pod leaves: then the pod says it.
    private JsonNode withNode(String namespace, JsonNode ours) {
        if (!ours.has("pod") || ours.has("node")) {
            return ours;
        }
        ObjectNode known = ours.deepCopy();
        addNode(
                known,
                client.get().atHand(),
                namespace,
                ours.path("pod").path("name").asText());
        return known;
    }

    private static void addNode(ObjectNode ours, ObjectClient reader, String namespace, String pod) {
        nodeOf(reader, namespace, pod)
                .ifPresent(node ->
                        ours.putObject("node").put("name", Meta.name(node)).put("uid", Meta.uid(node)));
    }

    private static Optional<ObjectNode> nodeOf(ObjectClient reader, String namespace, String pod) {
        return reader.get(PODS, namespace, pod)
                .map(found -> found.path("spec").path("nodeName").asText(""))
                .filter(node -> !node.isEmpty())
                .flatMap(node -> reader.get(NODES, "", node));
    }

    private void checkLife(JsonNode claims, Instant now) {
        Instant expires = Instant.ofEpochSecond(claims.path("exp").asLong());
        Instant starts = Instant.ofEpochSecond(claims.path("nbf").asLong());
        if (!now.isBefore(expires.plus(LEEWAY))) {
            throw refuse("service account token has expired");
        }
        if (now.plus(LEEWAY).isBefore(starts)) {
            throw refuse("service account token is not valid yet");
        }
    }

    private void checkAlive(GroupVersionResource resource, String namespace, JsonNode reference, Instant now) {
        String name = reference.path("name").asText();
        String uid = reference.path("uid").asText();
        ObjectClient reader = client.get();
        // what is not at hand may have been made elsewhere a moment ago
        if (!isAlive(reader.atHand().get(resource, namespace, name), uid, now)
                && !isAlive(reader.get(resource, namespace, name), uid, now)) {
            throw refuse("service account token has been invalidated");
        }
    }

    private static boolean isAlive(Optional<ObjectNode> object, String uid, Instant now) {
        return object.filter(found -> !uid.isEmpty() && Meta.uid(found).equals(uid))
                .filter(found -> !isLongGone(found, now))
                .isPresent();
    }

    private static boolean isLongGone(JsonNode object, Instant now) {
        String deleted = object.path("metadata").path("deletionTimestamp").asText("");
        try {
            return !deleted.isEmpty() && Instant.parse(deleted).isBefore(now.minus(LEEWAY));
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    private static UserInfo toUser(ServiceAccountName name, JsonNode account, JsonNode ours, JsonNode claims) {
        var extra = new HashMap<String, List<String>>();
        extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.path("jti").asText()));
        for (String kind : List.of("pod", "node")) {
            if (ours.has(kind)) {
                extra.put(
                        EXTRA + kind + "-name",
                        List.of(ours.path(kind).path("name").asText()));
                extra.put(
                        EXTRA + kind + "-uid",
                        List.of(ours.path(kind).path("uid").asText()));
            }
        }
        return new UserInfo(
                name.userName(),
                account.path("uid").asText(),
                Groups.authenticated(Groups.ofServiceAccounts(name.namespace())),
                extra);
    }

    private List<ECPublicKey> publicKeys() {
        var all = new ArrayList<ECPublicKey>();
        ServiceAccountKeys now = keys.get();
        all.add(now.signingPublic());
        all.addAll(now.trusted());
        return all;
    }

    private static Stream<String> texts(JsonNode node) {
        return node.isArray() ? node.valueStream().map(JsonNode::asText) : Stream.of(node.asText());
    }

    /// 32 bytes, unsigned, as RFC 7518 section 6.2.1.2 wants them.
    private static String coordinate(byte[] signed) {
        byte[] fixed = new byte[32];
        int length = Math.min(signed.length, fixed.length);
        System.arraycopy(signed, signed.length - length, fixed, fixed.length - length, length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
    }

    private static ApiException refuse(String why) {
        return ApiException.of(401, "Unauthorized", why);
    }
}
