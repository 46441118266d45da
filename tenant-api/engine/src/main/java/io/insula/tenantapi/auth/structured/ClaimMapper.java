package io.insula.tenantapi.auth.structured;

import static io.insula.tenantapi.auth.structured.Claims.refuse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.auth.structured.JwtIssuer.Mapping;
import io.insula.tenantapi.auth.structured.JwtIssuer.Rule;
import io.insula.tenantapi.cel.AuthenticationEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import io.insula.tenantapi.cel.CelLimits;
import io.insula.tenantapi.cel.CelValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes a user of verified claims and checks both against the issuer's rules. Immutable.
/// Source: kubernetes/apiserver, `token/oidc/oidc.go` (AuthenticateToken).
record ClaimMapper(JwtIssuer issuer) {

    /// The user with the groups that the token gives, and no more.
    ///
    /// @throws io.insula.tenantapi.api.ApiException 401 with the reason
    UserInfo user(Claims claims) {
        Object values = claims.forExpressions();
        var user = new UserInfo(
                username(claims, values), uid(claims, values), groups(claims, values), extra(claims, values));
        checkRequired(claims);
        check(issuer.claimRules(), AuthenticationEnvironment.CLAIMS, values, "claim validation expression");
        check(issuer.userRules(), AuthenticationEnvironment.USER, show(user), "user info validation rule");
        return user;
    }

    private String username(Claims claims, Object values) {
        return switch (issuer.mappings().username()) {
            case Mapping.Expression(CelExpression expression) -> {
                String name = string(expression, values, "username claim expression");
                if (name.isEmpty()) {
                    throw refuse("oidc: empty username via CEL expression is not allowed");
                }
                yield name;
            }
            case Mapping.Claim(String claim, String prefix) -> {
                String name = claims.text(claim, "parse username claims \"" + claim + "\"");
                if (claim.equals("email") && claims.has("email_verified") && !claims.flag("email_verified")) {
                    throw refuse("oidc: email not verified");
                }
                // upstream lets a nameless user pass; here a name is what everything else hangs on
                if (name.isEmpty()) {
                    throw refuse("oidc: parse username claims \"" + claim + "\": claim is empty");
                }
                yield prefix + name;
            }
            case Mapping.Nothing _ -> throw refuse("oidc: no username claim is configured");
        };
    }

    private List<String> groups(Claims claims, Object values) {
        return switch (issuer.mappings().groups()) {
            case Mapping.Expression(CelExpression expression) -> {
                String what = "group claim expression";
                yield strings(evaluate(expression, values, what), "oidc: error evaluating " + what);
            }
            case Mapping.Claim(String claim, String prefix)
            when claims.has(claim) ->
                claims.texts(claim, "parse groups claim \"" + claim + "\"").stream()
                        .map(group -> prefix + group)
                        .toList();
            case Mapping.Claim _, Mapping.Nothing _ -> List.of();
        };
    }

    private String uid(Claims claims, Object values) {
        return switch (issuer.mappings().uid()) {
            case Mapping.Expression(CelExpression expression) -> string(expression, values, "uid claim expression");
            case Mapping.Claim(String claim, String _) -> claims.text(claim, "parse uid claim \"" + claim + "\"");
            case Mapping.Nothing _ -> "";
        };
    }

    private Map<String, List<String>> extra(Claims claims, Object values) {
        var extra = new LinkedHashMap<String, List<String>>();
        if (claims.tree().path("jti").isTextual()) {
            extra.put(
                    WellKnownKeys.CREDENTIAL_ID,
                    List.of("JTI=" + claims.tree().path("jti").asText()));
        }
        for (JwtIssuer.Extra mapped : issuer.mappings().extra()) {
            String what = "extra claim expression";
            List<String> all = strings(
                    evaluate(mapped.value(), values, what),
                    "oidc: error evaluating " + what + ": " + mapped.value().source());
            if (!all.isEmpty()) {
                extra.put(mapped.key(), all);
            }
        }
        return extra;
    }

    private void checkRequired(Claims claims) {
        issuer.requiredClaims().forEach((claim, wanted) -> {
            if (!claims.has(claim)) {
                throw refuse("oidc: required claim " + claim + " not present in ID token");
            }
            String value = claims.text(claim, "parse claim " + claim);
            if (!value.equals(wanted)) {
                throw refuse("oidc: required claim " + claim + " value does not match. Got = " + value + ", want = "
                        + wanted);
            }
        });
    }

    private static void check(List<Rule> rules, String variable, Object value, String what) {
        for (Rule rule : rules) {
            if (!Boolean.TRUE.equals(evaluate(rule.condition(), variable, value, what))) {
                throw refuse("oidc: error evaluating " + what + ": validation expression '"
                        + rule.condition().source() + "' failed: " + rule.message());
            }
        }
    }

    private static String string(CelExpression expression, Object claims, String what) {
        if (evaluate(expression, claims, what) instanceof String text) {
            return text;
        }
        throw refuse("oidc: error evaluating " + what + ": " + what + " must return a string");
    }

    private static List<String> strings(Object value, String doing) {
        var all = new ArrayList<String>();
        switch (value) {
            case String text -> all.add(text);
            case List<?> list -> {
                for (Object each : list) {
                    if (!(each instanceof String text)) {
                        throw refuse(doing + ": expression must return a string or a list of strings");
                    }
                    all.add(text);
                }
            }
            case dev.cel.common.values.NullValue _ -> {}
            default -> throw refuse(doing + ": expression must return a string or a list of strings");
        }
        all.removeIf(String::isEmpty);
        return all;
    }

    private static Object evaluate(CelExpression expression, Object claims, String what) {
        return evaluate(expression, AuthenticationEnvironment.CLAIMS, claims, what);
    }

    private static Object evaluate(CelExpression expression, String variable, Object value, String what) {
        try {
            return expression
                    .evaluate(Map.of(variable, value), CelLimits.PER_CALL)
                    .value();
        } catch (CelException e) {
            throw refuse("oidc: error evaluating " + what + ": expression '" + expression.source()
                    + "' resulted in error: " + e.text());
        }
    }

    private static Object show(UserInfo user) {
        ObjectNode shown = Json.object().put("username", user.name()).put("uid", user.uid());
        user.groups().forEach(shown.putArray("groups")::add);
        ObjectNode extra = shown.putObject("extra");
        user.extra().forEach((key, all) -> all.forEach(extra.putArray(key)::add));
        return CelValues.of(shown);
    }
}
