package io.insula.tenantapi.auth.structured;

import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Egress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Takes tokens by the configuration that holds at each moment. Thread-safe: the authenticators of one
/// configuration are one immutable list, replaced as a whole; a request goes on with those that it began with.
public final class StructuredAuthentication {

    private final Supplier<AuthenticationConfig> config;
    private final Egress egress;
    private final InstantSource clock;
    private volatile Running running = new Running(AuthenticationConfig.NONE, List.of());

    private record Issuer(String url, TokenVerifier verifier, ClaimMapper mapper) {}

    private record Running(AuthenticationConfig config, List<Issuer> issuers) {}

    /// @param config asked on every request: answers from memory
    /// @param egress by which issuers are asked for their keys; the caller's
    public StructuredAuthentication(Supplier<AuthenticationConfig> config, Egress egress, InstantSource clock) {
        this.config = config;
        this.egress = egress;
        this.clock = clock;
    }

    /// Whose token it is; empty when it is of no issuer that is known.
    ///
    /// @throws io.insula.tenantapi.api.ApiException 401 with the reason when it is a known issuer's, but bad
    public Optional<UserInfo> authenticate(String token) {
        List<Issuer> issuers = issuers();
        if (issuers.isEmpty()) {
            return Optional.empty();
        }
        return TokenVerifier.claimedIssuer(token)
                .flatMap(claimed -> issuers.stream()
                        .filter(issuer -> issuer.url().equals(claimed))
                        .findFirst())
                .map(issuer -> issuer.mapper().user(issuer.verifier().verify(token)));
    }

    /// Whether a request to `path` without credentials is anonymous, instead of refused.
    public boolean allowsAnonymous(String path) {
        return config.get().anonymous().allows(path);
    }

    private List<Issuer> issuers() {
        AuthenticationConfig wanted = config.get();
        Running current = running;
        if (current.config() == wanted) {
            return current.issuers();
        }
        synchronized (this) {
            if (running.config() != wanted) {
                running = new Running(wanted, start(wanted));
            }
            return running.issuers();
        }
    }

    private List<Issuer> start(AuthenticationConfig wanted) {
        var all = new ArrayList<Issuer>();
        for (JwtIssuer issuer : wanted.issuers()) {
            all.add(new Issuer(issuer.url(), new TokenVerifier(issuer, egress, clock), new ClaimMapper(issuer)));
        }
        return List.copyOf(all);
    }
}
