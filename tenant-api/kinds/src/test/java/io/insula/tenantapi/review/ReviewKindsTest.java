package io.insula.tenantapi.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.service.ClusterIps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReviewKindsTest {

    private static final UserInfo ALICE =
            new UserInfo("alice", "7", List.of("dev", "system:authenticated"), Map.of("scope", List.of("a", "b")));

    private final List<Attributes> asked = new ArrayList<>();

    @Test
    void answersForTheCallerThemself() {
        JsonNode answer = review(
                new SelfSubjectAccessReviewKind(),
                "{spec: {resourceAttributes: {verb: get, group: apps, resource: deployments, subresource: scale,"
                        + " namespace: shop, name: web}}}");

        assertThat(answer.path("status").toString()).isEqualTo("{\"allowed\":true,\"reason\":\"because\"}");
        assertThat(asked)
                .containsExactly(new Attributes(ALICE, "get", "apps", "", "deployments", "scale", "shop", "web", ""));
    }

    @Test
    void answersForTheNamedUserAndForPaths() {
        review(
                new SubjectAccessReviewKind(),
                "{spec: {user: bob, uid: '1', groups: [ops], extra: {k: [v]}, nonResourceAttributes: {verb: get, path: /metrics}}}");

        assertThat(asked)
                .containsExactly(new Attributes(
                        new UserInfo("bob", "1", List.of("ops"), Map.of("k", List.of("v"))),
                        "get",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "/metrics"));
    }

    record Case(String name, ReviewKind kind, String review, int code, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> refusals() {
        String both = "resourceAttributes: {verb: get, namespace: shop}, nonResourceAttributes: {path: /}";
        return Stream.of(
                new Case(
                        "nothing asked",
                        new SelfSubjectAccessReviewKind(),
                        "{spec: {}}",
                        422,
                        "exactly one of nonResourceAttributes or resourceAttributes must be specified"),
                new Case(
                        "two things asked",
                        new SelfSubjectAccessReviewKind(),
                        "{spec: {" + both + "}}",
                        422,
                        "cannot be specified in combination with resourceAttributes"),
                new Case(
                        "about nobody",
                        new SubjectAccessReviewKind(),
                        "{spec: {resourceAttributes: {verb: get}}}",
                        422,
                        "at least one of user or group must be specified"),
                new Case(
                        "about another namespace",
                        new LocalSubjectAccessReviewKind(),
                        "{metadata: {namespace: shop}, spec: {user: u, resourceAttributes: {verb: get, namespace: bank}}}",
                        400,
                        "spec.resourceAttributes.namespace must match namespace: shop"),
                new Case(
                        "about all namespaces",
                        new LocalSubjectAccessReviewKind(),
                        "{metadata: {namespace: shop}, spec: {user: u, resourceAttributes: {verb: get}}}",
                        400,
                        "spec.resourceAttributes.namespace must match namespace: shop"),
                new Case(
                        "about a path",
                        new LocalSubjectAccessReviewKind(),
                        "{metadata: {namespace: shop}, spec: {user: u, nonResourceAttributes: {verb: get, path: /}}}",
                        422,
                        "disallowed on this kind of request"),
                new Case(
                        "rules of no namespace",
                        new SelfSubjectRulesReviewKind(),
                        "{spec: {}}",
                        400,
                        "no namespace on request"),
                new Case(
                        "no token",
                        new TokenReviewKind(),
                        "{spec: {}}",
                        400,
                        "token is required for TokenReview in authentication"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesIncompleteQuestions(Case test) {
        assertThatThrownBy(() -> review(test.kind(), test.review()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(test.code()))
                .hasMessageContaining(test.message());
        assertThat(asked).isEmpty();
    }

    @Test
    void tellsWhoIAm() {
        assertThat(review(new SelfSubjectReviewKind(), "{}").path("status").path("userInfo"))
                .isEqualTo(FakeObjectClient.yaml("{username: alice, uid: '7', groups: [dev, 'system:authenticated'],"
                        + " extra: {scope: [a, b]}}"));
    }

    @Test
    void listsRules() {
        assertThat(review(new SelfSubjectRulesReviewKind(), "{spec: {namespace: shop}}")
                        .path("status"))
                .isEqualTo(FakeObjectClient.yaml("{resourceRules: [{verbs: [get], apiGroups: [''], resources: [pods]}],"
                        + " nonResourceRules: [{verbs: [get], nonResourceURLs: [/version]}], incomplete: false}"));
    }

    @Test
    void tellsWhoseATokenIsAndWhatIsWrongWithABadOne() {
        assertThat(review(new TokenReviewKind(), "{spec: {token: good, audiences: [api]}}")
                        .path("status"))
                .isEqualTo(FakeObjectClient.yaml("{authenticated: true, user: {username: robot}, audiences: [api]}"));
        JsonNode bad = review(new TokenReviewKind(), "{spec: {token: bad}}").path("status");
        assertThat(bad.path("authenticated").asBoolean()).isFalse();
        assertThat(bad.path("error").asText()).isEqualTo("invalid bearer token");
    }

    private JsonNode review(ReviewKind kind, String yaml) {
        var context = new WriteContext(
                ALICE, "", false, Instant.EPOCH, new FakeObjectClient(), new Services(), new ArrayList<>());
        return kind.review(FakeObjectClient.yaml(yaml), context);
    }

    private final class Services implements ServerServices {

        @Override
        public ClusterIps clusterIps() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Authorizer authorizer() {
            return new Authorizer() {
                @Override
                public Decision authorize(Attributes attributes) {
                    asked.add(attributes);
                    return new Decision(true, "because");
                }

                @Override
                public Rules rulesFor(UserInfo user, String namespace) {
                    return new Rules(
                            List.of(new ResourceRule(List.of("get"), List.of(""), List.of("pods"), List.of())),
                            List.of(new NonResourceRule(List.of("get"), List.of("/version"))),
                            false,
                            "");
                }
            };
        }

        @Override
        public ServiceAccountTokens serviceAccountTokens() {
            return new ServiceAccountTokens() {
                @Override
                public Issued issue(
                        String namespace,
                        String serviceAccount,
                        String serviceAccountUid,
                        List<String> audiences,
                        long expirationSeconds,
                        Map<String, String> boundTo) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public Verified verify(String token, List<String> audiences) {
                    return token.equals("good")
                            ? new Verified(new UserInfo("robot", "", List.of(), Map.of()), audiences)
                            : ServiceAccountTokens.super.verify(token, audiences);
                }
            };
        }
    }
}
