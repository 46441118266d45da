package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.sun.net.httpserver.HttpExchange;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// The part of an issuer at which people log in: codes with a proof of whom they were given to, devices, and tokens by
/// which more are had. Everybody is let in as [#as]. Source: RFC 6749, RFC 7636, RFC 8628, OpenID Connect Core 1.0.
public final class TestLogins {

    private final TestIssuer issuer;
    private final ECKey key;
    private final String clientId;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final Map<String, Boolean> devices = new ConcurrentHashMap<>();
    private final Map<String, Boolean> refreshers = new ConcurrentHashMap<>();
    private final List<String> grants = new CopyOnWriteArrayList<>();
    private volatile String user = "";
    private volatile List<String> groups = List.of();
    private volatile long seconds = 300;
    private volatile String nonce = "";

    public TestLogins(TestIssuer issuer, ECKey key, String clientId) {
        this.issuer = issuer;
        this.key = key;
        this.clientId = clientId;
        issuer.at("/authorize", "authorization_endpoint", this::authorize);
        issuer.at("/token", "token_endpoint", this::token);
        issuer.at("/device", "device_authorization_endpoint", this::device);
    }

    public void as(String name, String... all) {
        user = name;
        groups = List.of(all);
    }

    /// How long tokens are good for from now on.
    public void living(long lifeSeconds) {
        seconds = lifeSeconds;
    }

    /// Puts this nonce into tokens, instead of that which was asked for.
    public void answering(String other) {
        nonce = other;
    }

    /// Somebody has typed the code in and agreed.
    public void agreeToDevices() {
        devices.replaceAll((_, _) -> true);
    }

    public boolean hasDevices() {
        return !devices.isEmpty();
    }

    /// No token is had again by what people were given so far.
    public void forgetEverybody() {
        refreshers.clear();
    }

    /// By what tokens were asked for, in order.
    public List<String> grants() {
        return List.copyOf(grants);
    }

    /// A token as they are given out, with these claims in place of its own.
    public String idToken(Map<String, Object> others) {
        ObjectNode claims = Json.object()
                .put("iss", issuer.url())
                .put("aud", clientId)
                .put("sub", user)
                .put("exp", Instant.now().getEpochSecond() + seconds);
        groups.forEach(claims.putArray("groups")::add);
        others.forEach((name, value) -> claims.set(name, Json.MAPPER.valueToTree(value)));
        return TestIssuer.sign(key, JWSAlgorithm.ES256, claims.toString());
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> asked = pairs(exchange.getRequestURI().getRawQuery());
        String back = asked.getOrDefault("redirect_uri", "");
        boolean fits = clientId.equals(asked.get("client_id"))
                && "code".equals(asked.get("response_type"))
                && "S256".equals(asked.get("code_challenge_method"))
                && asked.containsKey("code_challenge")
                && asked.getOrDefault("scope", "").contains("openid")
                && "127.0.0.1".equals(URI.create(back).getHost());
        if (!fits) {
            answer(exchange, 400, Json.object().put("error", "invalid_request"));
            return;
        }
        String code = UUID.randomUUID().toString();
        codes.put(code, asked);
        try (exchange) {
            exchange.getResponseHeaders()
                    .add(
                            "Location",
                            back + "?code=" + code + "&state="
                                    + URLEncoder.encode(asked.getOrDefault("state", ""), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(302, -1);
        }
    }

    private void device(HttpExchange exchange) throws IOException {
        String code = UUID.randomUUID().toString();
        devices.put(code, false);
        answer(
                exchange,
                200,
                Json.object()
                        .put("device_code", code)
                        .put("user_code", "ABCD-EFGH")
                        .put("verification_uri", issuer.url() + "/activate")
                        .put("expires_in", 60)
                        .put("interval", 1));
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> asked = pairs(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String grant = asked.getOrDefault("grant_type", "");
        grants.add(grant);
        switch (grant) {
            case "authorization_code" -> byCode(exchange, asked);
            case "refresh_token" ->
                giveIf(exchange, refreshers.remove(asked.getOrDefault("refresh_token", "")) != null, "");
            case "urn:ietf:params:oauth:grant-type:device_code" -> byDevice(exchange, asked);
            default -> answer(exchange, 400, Json.object().put("error", "unsupported_grant_type"));
        }
    }

    private void byCode(HttpExchange exchange, Map<String, String> asked) throws IOException {
        Map<String, String> begun = codes.remove(asked.getOrDefault("code", ""));
        boolean proved = begun != null
                && challenge(asked.getOrDefault("code_verifier", "")).equals(begun.get("code_challenge"))
                && Objects.equals(begun.get("redirect_uri"), asked.get("redirect_uri"));
        giveIf(exchange, proved, begun == null ? "" : begun.getOrDefault("nonce", ""));
    }

    private void byDevice(HttpExchange exchange, Map<String, String> asked) throws IOException {
        Boolean agreed = devices.get(asked.getOrDefault("device_code", ""));
        if (Boolean.FALSE.equals(agreed)) {
            answer(exchange, 400, Json.object().put("error", "authorization_pending"));
        } else {
            giveIf(exchange, devices.remove(asked.getOrDefault("device_code", "")) != null, "");
        }
    }

    private void giveIf(HttpExchange exchange, boolean good, String askedNonce) throws IOException {
        if (!good) {
            answer(exchange, 400, Json.object().put("error", "invalid_grant"));
            return;
        }
        String refresher = UUID.randomUUID().toString();
        refreshers.put(refresher, true);
        String given = nonce.isEmpty() ? askedNonce : nonce;
        answer(
                exchange,
                200,
                Json.object()
                        .put("token_type", "Bearer")
                        .put("access_token", "not-for-us")
                        .put("id_token", idToken(given.isEmpty() ? Map.of() : Map.of("nonce", given)))
                        .put("refresh_token", refresher)
                        .put("expires_in", seconds));
    }

    private static String challenge(String verifier) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> pairs(String text) {
        var all = new LinkedHashMap<String, String>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                all.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    private static void answer(HttpExchange exchange, int status, ObjectNode body) throws IOException {
        byte[] bytes = Json.bytes(body);
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
