package io.insula.tenantapi.auth.structured;

import io.insula.tenantapi.cel.CelExpression;
import java.util.List;
import java.util.Map;

/// One issuer whose tokens are taken, and what becomes of their claims. Immutable.
///
/// @param url as `iss` has it
/// @param discoveryUrl where its OpenID document is; empty for the usual place below `url`
/// @param certificateAuthority PEM; empty for the platform's authorities
/// @param requiredClaims name to value
record JwtIssuer(
        String url,
        String discoveryUrl,
        String certificateAuthority,
        List<String> audiences,
        Map<String, String> requiredClaims,
        List<Rule> claimRules,
        Mappings mappings,
        List<Rule> userRules) {

    private static final String WELL_KNOWN = "/.well-known/openid-configuration";

    JwtIssuer {
        audiences = List.copyOf(audiences);
        requiredClaims = Map.copyOf(requiredClaims);
        claimRules = List.copyOf(claimRules);
        userRules = List.copyOf(userRules);
    }

    String discoveryPlace() {
        return discoveryUrl.isEmpty() ? withoutSlash(url) + WELL_KNOWN : discoveryUrl;
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /// A condition that must hold.
    ///
    /// @param message what to say where it does not; may be empty
    record Rule(CelExpression condition, String message) {}

    record Mappings(Mapping username, Mapping groups, Mapping uid, List<Extra> extra) {
        Mappings {
            extra = List.copyOf(extra);
        }
    }

    record Extra(String key, CelExpression value) {}

    /// Where a part of the user comes from.
    sealed interface Mapping {
        record Nothing() implements Mapping {}

        record Claim(String name, String prefix) implements Mapping {}

        record Expression(CelExpression value) implements Mapping {}
    }
}
