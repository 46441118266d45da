package io.insula.tenantapi.auth.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.egress.Forbidden;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// An issuer, or whoever can change its document, leads the API server to what it must not reach.
final class IssuerAttackTest {

    private static TestIssuer issuer;

    @BeforeAll
    static void start() throws Exception {
        issuer = new TestIssuer(new ECKeyGenerator(Curve.P_256).keyID("k").generate());
    }

    @AfterAll
    static void stop() {
        issuer.close();
    }

    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#hosts")
    void asksNoIssuerThatIsNear(String host) {
        String url = "https://" + host + issuer.url().substring(issuer.url().lastIndexOf(':'));

        assertThatThrownBy(() -> keys(url, EgressPolicy.CLOSED))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Get \"" + url)
                .hasMessageContaining(Forbidden.REFUSAL);
    }

    /// The issuer itself has been opened, and nothing beside it.
    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#hosts")
    void fetchesNoKeysWhereItsDocumentSays(String host) {
        boolean isTheIssuer = host.contains("127.0.0.1")
                || host.contains("7f00:1")
                || host.contains("ocalhost")
                || host.equals("LOCALHOST");
        String keys = isTheIssuer ? "https://127.0.0.2:1/keys" : "https://" + host + ":1/keys";
        issuer.keysAt(keys);

        assertThatThrownBy(() -> keys(issuer.url(), open("127.0.0.1/32")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Get \"" + keys)
                .hasMessageContaining(Forbidden.REFUSAL);
    }

    @Test
    void followsNoIssuerToAnotherServer() {
        for (String elsewhere : List.of(
                "https://127.0.0.1:1/keys", "https://localhost:1/keys", "http://127.0.0.1/keys", "//10.0.0.1/keys")) {
            issuer.redirectKeys(elsewhere);
            assertThatThrownBy(() -> keys(issuer.url(), open("127.0.0.0/8")))
                    .as(elsewhere)
                    .hasMessageContaining("redirected to another server, which is not permitted");
        }
        issuer.redirectKeys("/redirected");
        assertThatThrownBy(() -> keys(issuer.url(), open("127.0.0.0/8")))
                .hasMessageContaining("stopped after 3 redirects");
    }

    @Test
    void wouldHaveItsKeysIfItCouldAsk() throws Exception {
        issuer.redirectKeys("/keys");

        assertThat(keys(issuer.url(), open("127.0.0.1/32")).keys()).hasSize(1);
    }

    private static EgressPolicy open(String block) {
        return EgressPolicy.CLOSED.opening(List.of(AddressBlock.of(block)));
    }

    private static IssuerKeys.Known keys(String url, EgressPolicy policy) throws IOException {
        var mappings = new JwtIssuer.Mappings(
                new JwtIssuer.Mapping.Claim("sub", "oidc:"),
                new JwtIssuer.Mapping.Nothing(),
                new JwtIssuer.Mapping.Nothing(),
                List.of());
        var known = new JwtIssuer(
                url, "", issuer.certificateAuthority(), List.of("a"), Map.of(), List.of(), mappings, List.of());
        try (var egress = new Egress(policy, List.of())) {
            return new IssuerKeys(known, egress, Instant::now).current();
        }
    }
}
