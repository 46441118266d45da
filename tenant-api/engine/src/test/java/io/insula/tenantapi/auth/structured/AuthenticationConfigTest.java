package io.insula.tenantapi.auth.structured;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuthenticationConfigTest {

    private static final String OWN = "https://kubernetes.default.svc";
    private static final String GOOD_ISSUER = "issuer: {url: https://a.example, audiences: [x]}";
    private static final String GOOD_MAPPINGS = "claimMappings: {username: {claim: sub, prefix: ''}}";

    @Test
    void takesWhatUpstreamTakes() {
        for (String version : List.of("v1", "v1beta1")) {
            assertThatCode(() -> read("apiVersion: apiserver.config.k8s.io/" + version + """

                    kind: AuthenticationConfiguration
                    jwt:
                    - issuer:
                        url: https://a.example/tenant
                        discoveryURL: https://b.example/.well-known/openid-configuration
                        audiences: [x, y]
                        audienceMatchPolicy: MatchAny
                      claimValidationRules:
                      - {claim: hd, requiredValue: example.com}
                      - {expression: 'claims.hd == "example.com"', message: 'the hd claim must be example.com'}
                      claimMappings:
                        username: {expression: 'claims.email_verified ? claims.email : claims.sub'}
                        groups: {expression: 'claims.groups.map(g, "oidc:" + g)'}
                        uid: {claim: sub}
                        extra:
                        - {key: example.com/tenant, valueExpression: 'claims.tenant'}
                      userValidationRules:
                      - {expression: "!user.username.startsWith('system:')", message: no}
                    anonymous: {enabled: true, conditions: [{path: /livez}]}
                    """))
                    .doesNotThrowAnyException();
        }
    }

    record Case(String name, String yaml, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> bad() {
        return Stream.of(
                new Case("another kind", "kind: Pod", "kind: Unsupported value: \"Pod\""),
                new Case("another version", "apiVersion: apiserver.config.k8s.io/v2", "apiVersion: Unsupported value"),
                new Case(
                        "a field that nobody knows", "{jwt: [], anonimous: {}}", "anonimous: Forbidden: unknown field"),
                issuer(
                        "plain HTTP",
                        "url: http://a.example, audiences: [x]",
                        "issuer.url: Invalid value:" + " \"http://a.example\": URL scheme must be https"),
                issuer("no URL", "audiences: [x]", "jwt[0].issuer.url: Required value"),
                issuer("a password", "url: 'https://u:p@a.example', audiences: [x]", "must not contain a username"),
                issuer("a query", "url: 'https://a.example?x=1', audiences: [x]", "must not contain a query"),
                issuer("our own issuer", "url: " + OWN + ", audiences: [x]", "URL must not overlap with disallowed"),
                issuer(
                        "discovery at the issuer",
                        "url: https://a.example, discoveryURL: https://a.example/, audiences: [x]",
                        "discoveryURL must be different from URL"),
                issuer("no audience", "url: https://a.example", "at least one jwt[0].issuer.audiences is required"),
                issuer(
                        "two audiences without policy",
                        "url: https://a.example, audiences: [x, y]",
                        "audienceMatchPolicy must be MatchAny for multiple audiences"),
                issuer(
                        "an authority that is none",
                        "url: https://a.example, audiences: [x], certificateAuthority: hello",
                        "certificateAuthority: Invalid value: \"<omitted>\""),
                mappings(
                        "no user name",
                        "groups: {claim: g, prefix: ''}",
                        "username: Required value: claim or expression"),
                mappings("no prefix", "username: {claim: sub}", "prefix is required when claim is set"),
                mappings(
                        "claim and expression",
                        "username: {claim: sub, expression: claims.sub}",
                        "claim and expression can't both be set"),
                mappings(
                        "an expression that does not compile",
                        "username: {expression: claims.sub +}",
                        "compilation failed"),
                mappings(
                        "a variable that is not there",
                        "username: {expression: user.username}",
                        "undeclared reference"),
                mappings(
                        "an address that may be anybody's",
                        "username: {expression: claims.email}",
                        "claims.email_verified must be used"),
                mappings(
                        "a key that Kubernetes trusts",
                        "username: {claim: sub, prefix: ''},"
                                + " extra: [{key: authentication.kubernetes.io/pod-name, valueExpression: '\"x\"'}]",
                        "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use"),
                mappings(
                        "a key without domain",
                        "username: {claim: sub, prefix: ''}, extra: [{key: foo, valueExpression: '\"x\"'}]",
                        "must be a domain-prefixed path"),
                rules("a rule that is no condition", "expression: claims.sub + 'x'", "must evaluate to bool"),
                rules("a rule without anything", "message: x", "claim or expression is required"),
                new Case(
                        "one issuer twice",
                        "jwt: [{" + GOOD_ISSUER + ", " + GOOD_MAPPINGS + "}, {" + GOOD_ISSUER + ", " + GOOD_MAPPINGS
                                + "}]",
                        "jwt[1].issuer.url: Duplicate value: \"https://a.example\""),
                new Case(
                        "conditions of nothing",
                        "anonymous: {enabled: false, conditions: [{path: /livez}]}",
                        "enabled should be set to true when conditions are defined"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refusesInUpstreamsWords(Case bad) {
        assertThatThrownBy(() -> read(bad.yaml()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(bad.message());
    }

    private static Case issuer(String name, String issuer, String message) {
        return new Case(name, "jwt: [{issuer: {" + issuer + "}, " + GOOD_MAPPINGS + "}]", message);
    }

    private static Case mappings(String name, String mappings, String message) {
        return new Case(name, "jwt: [{" + GOOD_ISSUER + ", claimMappings: {" + mappings + "}}]", message);
    }

    private static Case rules(String name, String rule, String message) {
        return new Case(
                name,
                "jwt: [{" + GOOD_ISSUER + ", " + GOOD_MAPPINGS + ", claimValidationRules: [{" + rule + "}]}]",
                message);
    }

    private static AuthenticationConfig read(String yaml) {
        return AuthenticationConfig.of(FakeObjectClient.yaml(yaml), List.of(OWN));
    }
}
