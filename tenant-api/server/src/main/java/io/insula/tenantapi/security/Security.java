package io.insula.tenantapi.security;

import io.insula.tenantapi.auth.AnonymousAuthenticator;
import io.insula.tenantapi.auth.Authenticator;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.BearerTokenAuthenticator;
import io.insula.tenantapi.auth.BootstrapTokens;
import io.insula.tenantapi.auth.ClientCertificateAuthenticator;
import io.insula.tenantapi.auth.JwtServiceAccountTokens;
import io.insula.tenantapi.auth.RequestHeaderAuthenticator;
import io.insula.tenantapi.auth.ReservedNames;
import io.insula.tenantapi.auth.TokenAuthenticator;
import io.insula.tenantapi.auth.TokenAuthenticators;
import io.insula.tenantapi.auth.UnionAuthenticator;
import io.insula.tenantapi.auth.structured.StructuredAuthentication;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.rbac.NodeAuthorizer;
import io.insula.tenantapi.rbac.RbacAuthorizer;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/// Everything by which one server decides who asks and what they may do. Thread-safe; idle, it holds nothing.
public final class Security implements AutoCloseable {

    private final JwtServiceAccountTokens tokens;
    private final TokenAuthenticator bearers;
    private final Authenticator authenticator;
    private final RbacAuthorizer roles;
    private final Authorizer authorizer;

    /// @param client reads as the server itself, without authorization; asked for at each use, so that it may be made
    ///     after this object
    /// @param egress by which issuers of tokens are asked; the caller's
    public Security(SecurityConfig config, Supplier<ObjectClient> client, Egress egress, InstantSource clock) {
        tokens = new JwtServiceAccountTokens(config.keys(), config.issuer(), config.apiAudiences(), client, clock);
        List<String> audiences = tokens.apiAudiences();
        var structured = new StructuredAuthentication(config.authentication(), egress, clock);
        ReservedNames reserved = config.reserved();
        bearers = new TokenAuthenticators(List.of(
                tokens,
                reserved.keptFrom(
                        TokenAuthenticator.forAudiences(audiences, new BootstrapTokens(client, clock)::authenticate)),
                reserved.keptFrom(TokenAuthenticator.forAudiences(audiences, structured::authenticate))));
        authenticator = new UnionAuthenticator(
                List.of(
                        reserved.keptFrom(
                                new RequestHeaderAuthenticator(config.frontProxyNames(), config.revoked(), clock)),
                        new ClientCertificateAuthenticator(clock, config.revoked()),
                        new BearerTokenAuthenticator(bearers)),
                new AnonymousAuthenticator(structured::allowsAnonymous));
        roles = new RbacAuthorizer(client);
        authorizer = config.standing().before(new NodeAuthorizer(client, roles));
    }

    public Authenticator authenticator() {
        return authenticator;
    }

    public Authorizer authorizer() {
        return authorizer;
    }

    /// Issues and verifies; also has the OpenID discovery document and key set.
    public JwtServiceAccountTokens tokens() {
        return tokens;
    }

    /// Every kind of bearer token.
    public TokenAuthenticator bearerTokens() {
        return bearers;
    }

    /// Ends the watches of the authorizer.
    @Override
    public void close() {
        roles.close();
    }
}
