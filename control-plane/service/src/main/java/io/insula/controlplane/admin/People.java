package io.insula.controlplane.admin;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.auth.structured.StructuredAuthentication;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Those who show a token of the issuer instead of a client certificate. Thread-safe. Tokens are judged by what judges
/// those of tenants; a key that the issuer withdraws is taken for an hour at most.
public final class People implements AutoCloseable {

    private final Optional<OidcPlan> plan;
    private final Egress egress;
    private final StructuredAuthentication tokens;

    private People(Optional<OidcPlan> plan, EgressPolicy policy, InstantSource clock) {
        this.plan = plan;
        this.egress = new Egress(policy, List.of());
        AuthenticationConfig config = plan.map(OidcPlan::config).orElse(AuthenticationConfig.NONE);
        this.tokens = new StructuredAuthentication(() -> config, egress, clock);
    }

    /// Nobody's tokens are taken.
    public static People none() {
        return new People(Optional.empty(), EgressPolicy.CLOSED, InstantSource.system());
    }

    /// @param policy by which the issuer is asked for its keys
    public static People of(OidcPlan plan, EgressPolicy policy, InstantSource clock) {
        return new People(Optional.of(plan), policy, clock);
    }

    Optional<OidcPlan> plan() {
        return plan;
    }

    /// Whose token it is, in the token's own groups and in those of the roles that they stand for.
    ///
    /// @throws ApiException 401 with the reason, which is for the audit trail and not for whoever shows the token
    UserInfo authenticate(String token) {
        OidcPlan known = plan.orElseThrow(
                () -> ApiException.of(401, "Unauthorized", "tokens are not taken here (up --oidc-issuer)"));
        UserInfo user = tokens.authenticate(token)
                .orElseThrow(() -> ApiException.of(401, "Unauthorized", "no token of " + known.issuer()));
        var groups = new LinkedHashSet<>(user.groups());
        groups.addAll(known.standing(user.groups()));
        groups.add(UserInfo.AUTHENTICATED);
        return new UserInfo(user.name(), user.uid(), List.copyOf(groups), user.extra());
    }

    @Override
    public void close() {
        egress.close();
    }
}
