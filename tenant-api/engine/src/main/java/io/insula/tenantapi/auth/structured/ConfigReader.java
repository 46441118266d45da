package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.auth.structured.JwtIssuer.Mapping;
import io.insula.tenantapi.auth.structured.JwtIssuer.Mappings;
import io.insula.tenantapi.auth.structured.JwtIssuer.Rule;
import io.insula.tenantapi.cel.AuthenticationEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads and checks a configuration. Used once, by one thread. Source: kubernetes/apiserver,
/// `apis/apiserver/validation/validation.go`.
final class ConfigReader {

    private static final int MAX_ISSUERS = 64;
    private static final String GROUP = "apiserver.config.k8s.io";
    private static final Set<String> VERSIONS = Set.of(GROUP + "/v1", GROUP + "/v1beta1");
    private static final String MATCH_ANY = "MatchAny";

    private final List<String> disallowedIssuers;
    private final List<FieldError> errors = new ArrayList<>();

    ConfigReader(List<String> disallowedIssuers) {
        this.disallowedIssuers = List.copyOf(disallowedIssuers);
    }

    AuthenticationConfig read(JsonNode tree) {
        checkType(tree);
        ConfigFields.unknown(tree).forEach(name -> errors.add(FieldError.forbidden(name, "unknown field")));
        JsonNode jwt = tree.path("jwt");
        if (jwt.size() > MAX_ISSUERS) {
            errors.add(new FieldError(
                    FieldError.Reason.FieldValueTooMany,
                    "jwt",
                    Integer.toString(jwt.size()),
                    "must have at most " + MAX_ISSUERS + " items"));
            throw refusal();
        }
        var issuers = new ArrayList<JwtIssuer>();
        var urls = new HashSet<String>();
        var discoveryUrls = new HashSet<String>();
        for (int i = 0; i < jwt.size(); i++) {
            String path = "jwt[" + i + "]";
            JwtIssuer issuer = issuer(path, jwt.get(i));
            issuers.add(issuer);
            unique(urls, issuer.url(), path + ".issuer.url");
            if (!issuer.discoveryUrl().isEmpty()) {
                unique(discoveryUrls, issuer.discoveryUrl(), path + ".issuer.discoveryURL");
            }
        }
        AnonymousAccess anonymous = anonymous(tree.path("anonymous"));
        if (!errors.isEmpty()) {
            throw refusal();
        }
        return new AuthenticationConfig(issuers, anonymous);
    }

    private IllegalArgumentException refusal() {
        String all = errors.stream().map(FieldError::toString).distinct().collect(Collectors.joining(", "));
        return new IllegalArgumentException(errors.size() == 1 ? all : "[" + all + "]");
    }

    private void checkType(JsonNode tree) {
        if (tree.has("apiVersion") && !VERSIONS.contains(text(tree, "apiVersion"))) {
            errors.add(FieldError.notSupported(
                    "apiVersion",
                    text(tree, "apiVersion"),
                    VERSIONS.stream().sorted().toList()));
        }
        if (tree.has("kind") && !text(tree, "kind").equals("AuthenticationConfiguration")) {
            errors.add(FieldError.notSupported("kind", text(tree, "kind"), List.of("AuthenticationConfiguration")));
        }
    }

    private AnonymousAccess anonymous(JsonNode given) {
        if (!given.isObject()) {
            return AnonymousAccess.STANDARD;
        }
        boolean enabled = given.path("enabled").asBoolean();
        var paths = new LinkedHashSet<String>();
        given.path("conditions").forEach(condition -> paths.add(text(condition, "path")));
        if (!enabled && !paths.isEmpty()) {
            errors.add(FieldError.invalid(
                    "anonymous.conditions",
                    given.path("conditions"),
                    "enabled should be set to true when conditions are defined"));
        }
        return new AnonymousAccess(enabled, paths);
    }

    private JwtIssuer issuer(String path, JsonNode given) {
        JsonNode issuer = given.path("issuer");
        checkIssuer(path + ".issuer", issuer);
        var audiences = new ArrayList<String>();
        issuer.path("audiences").forEach(audience -> audiences.add(audience.asText()));
        checkAudiences(path + ".issuer", audiences, text(issuer, "audienceMatchPolicy"));
        var required = new LinkedHashMap<String, String>();
        List<Rule> claimRules =
                claimRules(path + ".claimValidationRules", given.path("claimValidationRules"), required);
        Mappings mappings = mappings(path + ".claimMappings", given.path("claimMappings"), claimRules);
        return new JwtIssuer(
                text(issuer, "url"),
                text(issuer, "discoveryURL"),
                text(issuer, "certificateAuthority"),
                audiences,
                required,
                claimRules,
                mappings,
                userRules(path + ".userValidationRules", given.path("userValidationRules")));
    }

    private void checkIssuer(String path, JsonNode issuer) {
        String url = text(issuer, "url");
        String discovery = text(issuer, "discoveryURL");
        if (url.isEmpty()) {
            errors.add(FieldError.required(path + ".url", ""));
        } else {
            if (disallowedIssuers.contains(url)) {
                errors.add(FieldError.invalid(
                        path + ".url", url, "URL must not overlap with disallowed issuers: " + disallowedIssuers));
            }
            errors.addAll(IssuerUrls.check(path + ".url", url));
        }
        if (!discovery.isEmpty()) {
            if (!url.isEmpty() && bare(url).equals(bare(discovery))) {
                errors.add(FieldError.invalid(
                        path + ".discoveryURL", discovery, "discoveryURL must be different from URL"));
            }
            errors.addAll(IssuerUrls.check(path + ".discoveryURL", discovery));
        }
        IssuerUrls.authorityFault(text(issuer, "certificateAuthority"))
                .ifPresent(why -> errors.add(new FieldError(
                        FieldError.Reason.FieldValueInvalid, path + ".certificateAuthority", "\"<omitted>\"", why)));
    }

    private void checkAudiences(String path, List<String> audiences, String policy) {
        String field = path + ".audiences";
        if (audiences.isEmpty()) {
            errors.add(FieldError.required(field, "at least one " + field + " is required"));
            return;
        }
        var seen = new HashSet<String>();
        for (int i = 0; i < audiences.size(); i++) {
            if (audiences.get(i).isEmpty()) {
                errors.add(FieldError.required(field + "[" + i + "]", ""));
            }
            unique(seen, audiences.get(i), field + "[" + i + "]");
        }
        if (audiences.size() > 1 && !policy.equals(MATCH_ANY)) {
            errors.add(FieldError.invalid(
                    path + ".audienceMatchPolicy",
                    policy,
                    "audienceMatchPolicy must be MatchAny for multiple audiences"));
        } else if (!policy.isEmpty() && !policy.equals(MATCH_ANY)) {
            errors.add(FieldError.invalid(
                    path + ".audienceMatchPolicy",
                    policy,
                    "audienceMatchPolicy must be empty or MatchAny for single audience"));
        }
    }

    private List<Rule> claimRules(String path, JsonNode rules, Map<String, String> required) {
        var compiled = new ArrayList<Rule>();
        var seenExpressions = new HashSet<String>();
        for (int i = 0; i < rules.size(); i++) {
            String at = path + "[" + i + "]";
            JsonNode rule = rules.get(i);
            String claim = text(rule, "claim");
            String expression = text(rule, "expression");
            if (!claim.isEmpty() && !expression.isEmpty()) {
                errors.add(FieldError.invalid(at, claim, "claim and expression can't both be set"));
            } else if (!claim.isEmpty()) {
                if (!text(rule, "message").isEmpty()) {
                    errors.add(FieldError.invalid(
                            at + ".message", text(rule, "message"), "may not be specified when claim is set"));
                }
                if (required.putIfAbsent(claim, text(rule, "requiredValue")) != null) {
                    errors.add(FieldError.duplicate(at + ".claim", claim));
                }
            } else if (expression.isEmpty()) {
                errors.add(FieldError.required(at, "claim or expression is required"));
            } else {
                if (!text(rule, "requiredValue").isEmpty()) {
                    errors.add(FieldError.invalid(
                            at + ".requiredValue",
                            text(rule, "requiredValue"),
                            "may not be specified when expression is set"));
                }
                if (unique(seenExpressions, expression, at + ".expression")) {
                    compile(at + ".expression", expression, AuthenticationEnvironment::claimsCondition)
                            .forEach(condition -> compiled.add(new Rule(condition, text(rule, "message"))));
                }
            }
        }
        return compiled;
    }

    private List<Rule> userRules(String path, JsonNode rules) {
        var compiled = new ArrayList<Rule>();
        var seen = new HashSet<String>();
        for (int i = 0; i < rules.size(); i++) {
            String at = path + "[" + i + "].expression";
            String expression = text(rules.get(i), "expression");
            String message = text(rules.get(i), "message");
            if (expression.isEmpty()) {
                errors.add(FieldError.required(at, ""));
            } else if (unique(seen, expression, at)) {
                compile(at, expression, AuthenticationEnvironment::userCondition)
                        .forEach(condition -> compiled.add(new Rule(condition, message)));
            }
        }
        return compiled;
    }

    private Mappings mappings(String path, JsonNode given, List<Rule> claimRules) {
        Mapping username = mapping(path + ".username", given.path("username"), true, true);
        Mapping groups = mapping(path + ".groups", given.path("groups"), true, false);
        Mapping uid = mapping(path + ".uid", given.path("uid"), false, false);
        List<JwtIssuer.Extra> extra = extra(path + ".extra", given.path("extra"));
        if (username instanceof Mapping.Expression(CelExpression expression)
                && expression.selects(AuthenticationEnvironment.CLAIMS, "email")
                && !checksEmail(expression)
                && claimRules.stream().noneMatch(rule -> checksEmail(rule.condition()))
                && extra.stream().noneMatch(value -> checksEmail(value.value()))) {
            errors.add(FieldError.invalid(
                    path + ".username.expression",
                    expression.source(),
                    "claims.email_verified must be used in claimMappings.username.expression or"
                            + " claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when"
                            + " claims.email is used in claimMappings.username.expression"));
        }
        return new Mappings(username, groups, uid, extra);
    }

    private static boolean checksEmail(CelExpression expression) {
        return expression.selects(AuthenticationEnvironment.CLAIMS, "email_verified");
    }

    private Mapping mapping(String path, JsonNode given, boolean prefixed, boolean required) {
        String claim = text(given, "claim");
        String expression = text(given, "expression");
        if (!claim.isEmpty() && !expression.isEmpty()) {
            errors.add(FieldError.invalid(path, "", "claim and expression can't both be set"));
        } else if (!expression.isEmpty()) {
            if (given.hasNonNull("prefix")) {
                errors.add(FieldError.invalid(
                        path + ".prefix", text(given, "prefix"), "may not be specified when expression is set"));
            }
            for (CelExpression compiled :
                    compile(path + ".expression", expression, AuthenticationEnvironment::claims)) {
                return new Mapping.Expression(compiled);
            }
        } else if (!claim.isEmpty()) {
            if (prefixed && !given.hasNonNull("prefix")) {
                errors.add(FieldError.required(
                        path + ".prefix",
                        "prefix is required when claim is set. It can be set to an empty string to disable prefixing"));
            }
            return new Mapping.Claim(claim, text(given, "prefix"));
        } else if (required) {
            errors.add(FieldError.required(path, "claim or expression is required"));
        }
        return new Mapping.Nothing();
    }

    private List<JwtIssuer.Extra> extra(String path, JsonNode given) {
        var compiled = new ArrayList<JwtIssuer.Extra>();
        var seen = new HashSet<String>();
        for (int i = 0; i < given.size(); i++) {
            String at = path + "[" + i + "]";
            String key = text(given.get(i), "key");
            String value = text(given.get(i), "valueExpression");
            errors.addAll(ExtraKeys.check(at + ".key", key));
            if (!unique(seen, key, at + ".key")) {
                continue;
            }
            if (value.isEmpty()) {
                errors.add(FieldError.required(at + ".valueExpression", ""));
                continue;
            }
            compile(at + ".valueExpression", value, AuthenticationEnvironment::claims)
                    .forEach(expression -> compiled.add(new JwtIssuer.Extra(key, expression)));
        }
        return compiled;
    }

    /// One expression, or none where it does not compile.
    private List<CelExpression> compile(String path, String source, Function<String, CelExpression> compiler) {
        try {
            return List.of(compiler.apply(source));
        } catch (CelException e) {
            errors.add(FieldError.invalid(path, source, e.text()));
            return List.of();
        }
    }

    private boolean unique(Set<String> seen, String value, String path) {
        if (seen.add(value)) {
            return true;
        }
        errors.add(FieldError.duplicate(path, value));
        return false;
    }

    private static String bare(String url) {
        return url.replaceAll("/+$", "");
    }

    private static String text(@Nullable JsonNode node, String field) {
        return node == null ? "" : node.path(field).asText("");
    }
}
