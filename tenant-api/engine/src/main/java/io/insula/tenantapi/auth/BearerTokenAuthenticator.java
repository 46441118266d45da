package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Takes `Authorization: Bearer …` (and, as browsers cannot set that header on a WebSocket, the subprotocol
/// `base64url.bearer.authorization.k8s.io.…`). A token that no kind knows is a bad one: 401.
public final class BearerTokenAuthenticator implements Authenticator {

    private static final String SCHEME = "bearer ";
    private static final String SUBPROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private final TokenAuthenticator tokens;

    public BearerTokenAuthenticator(TokenAuthenticator tokens) {
        this.tokens = tokens;
    }

    @Override
    public Optional<UserInfo> authenticate(Credentials shown) {
        return token(shown).map(this::verify);
    }

    private UserInfo verify(String token) {
        try {
            return tokens.authenticate(token, List.of())
                    .orElseThrow(ApiException::unauthorized)
                    .user();
        } catch (ApiException e) {
            if (e.code() != 401) {
                throw e;
            }
            // why a token is bad is told to TokenReview, not to whoever shows it
            throw ApiException.unauthorized();
        }
    }

    /// The token that is shown; empty where none is.
    ///
    /// @throws ApiException 401 for what is no token
    public static Optional<String> token(Credentials shown) {
        Optional<String> header = shown.header("authorization")
                .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(SCHEME))
                .map(value -> value.substring(SCHEME.length()).strip());
        return header.filter(token -> !token.isEmpty()).or(() -> fromSubprotocol(shown));
    }

    private static Optional<String> fromSubprotocol(Credentials shown) {
        return shown.headers("sec-websocket-protocol").stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(String::strip)
                .filter(protocol -> protocol.startsWith(SUBPROTOCOL))
                .findFirst()
                .map(protocol -> decode(protocol.substring(SUBPROTOCOL.length())));
    }

    private static String decode(String encoded) {
        try {
            return new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.unauthorized();
        }
    }
}
