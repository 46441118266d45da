package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.ServiceAccountTokens.Verified;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Asks several kinds in order; the first user wins, whatever others said. Immutable.
/// Source: kubernetes/apiserver, `authentication/token/union`.
public record TokenAuthenticators(List<TokenAuthenticator> kinds) implements TokenAuthenticator {

    public TokenAuthenticators {
        kinds = List.copyOf(kinds);
    }

    @Override
    public Optional<Verified> authenticate(String token, List<String> audiences) {
        var refusals = new ArrayList<String>();
        for (TokenAuthenticator kind : kinds) {
            try {
                Optional<Verified> verified = kind.authenticate(token, audiences);
                if (verified.isPresent()) {
                    return verified;
                }
            } catch (ApiException e) {
                if (e.code() != 401) {
                    throw e;
                }
                refusals.add(e.getMessage());
            }
        }
        if (refusals.isEmpty()) {
            return Optional.empty();
        }
        String all = refusals.size() == 1 ? refusals.getFirst() : "[" + String.join(", ", refusals) + "]";
        throw ApiException.of(401, "Unauthorized", all);
    }
}
