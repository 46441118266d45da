package io.insula.tenantapi.auth.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Credentials;
import io.insula.tenantapi.auth.ReservedNames;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.rbac.StandingRights;
import io.insula.tenantapi.security.Security;
import io.insula.tenantapi.security.SecurityConfig;
import io.insula.tenantapi.server.LocalServer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An issuer that the superuser took without a prefix, and a front proxy, try to speak as who serves the cluster.
final class ReservedNamesTest {

    private static final Egress EGRESS =
            new Egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8"))), List.of());

    private static ECKey key;
    private static TestIssuer issuer;
    private static TestPki proxies;
    private static Security security;

    @BeforeAll
    static void start() throws Exception {
        key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
        issuer = new TestIssuer(key);
        proxies = new TestPki("CN=front-proxy");
        var config = AuthenticationConfig.of(
                FakeObjectClient.yaml("""
                {jwt: [{issuer: {url: '%s', certificateAuthority: "%s", audiences: [insula]},
                        claimMappings: {username: {claim: sub, prefix: ''}, groups: {claim: groups, prefix: ''}}}]}
                """.formatted(
                                issuer.url(),
                                issuer.certificateAuthority().replace("\r", "").replace("\n", "\\n"))),
                List.of());
        var keys = LocalServer.keys();
        security = new Security(
                new SecurityConfig(
                        () -> keys,
                        "https://kubernetes.default.svc",
                        List.of(),
                        _ -> false,
                        () -> config,
                        List.of("proxy"),
                        StandingRights.NONE,
                        new ReservedNames("insula:")),
                FakeObjectClient::new,
                EGRESS,
                Clock.systemUTC());
    }

    @AfterAll
    static void stop() {
        security.close();
        issuer.close();
        EGRESS.close();
    }

    @ParameterizedTest
    @CsvSource({"insula:syncer, dev", "jane, insula:cluster-admins", "insula:, dev"})
    void givesNobodyTheirNamesByAToken(String name, String group) {
        assertThatThrownBy(() -> byToken(name, group))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("is a name that only a certificate of this cluster's own authority gives");
    }

    @ParameterizedTest
    @CsvSource({"insula:syncer, dev", "jane, insula:cluster-admins"})
    void givesNobodyTheirNamesThroughAFrontProxy(String name, String group) {
        assertThatThrownBy(() -> byProxy(name, group)).isInstanceOf(ApiException.class);
    }

    @Test
    void givesEverybodyElseTheirs() throws Exception {
        assertThat(byToken("insula", "insulas").name()).isEqualTo("insula");
        assertThat(byProxy("jane", "not-insula:x").groups()).contains("not-insula:x");
    }

    private static UserInfo byToken(String name, String group) {
        long now = Instant.now().getEpochSecond();
        ObjectNode claims = Json.object().put("iss", issuer.url()).put("sub", name);
        claims.put("iat", now).put("exp", now + 3600);
        claims.putArray("aud").add("insula");
        claims.putArray("groups").add(group);
        return security.bearerTokens()
                .authenticate(TestIssuer.sign(key, JWSAlgorithm.ES256, claims.toString()), List.of())
                .orElseThrow()
                .user();
    }

    private static UserInfo byProxy(String name, String group) throws Exception {
        var shown = new Credentials(
                "/api",
                Map.of("x-remote-user", List.of(name), "x-remote-group", List.of(group)),
                List.of(),
                List.of(proxies.client("CN=proxy").certificate()));
        return security.authenticator().authenticate(shown).orElseThrow();
    }
}
