package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BootstrapTokensTest {

    private static final Instant NOW = Instant.parse("2026-11-21T06:00:00Z");
    private static final String TOKEN = "abcdef.0123456789abcdef";
    private static final GroupVersionResource SECRETS = FakeObjectClient.core("secrets");

    @Test
    void takesATokenAndGivesItsUserTheGroupsOfBootstrappers() {
        UserInfo user = with(text -> text).authenticate(TOKEN).orElseThrow();

        assertThat(user.name()).isEqualTo("system:bootstrap:abcdef");
        assertThat(user.groups())
                .containsExactly("system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token");
    }

    @Test
    void needsNoExpirationAndNoGroups() {
        BootstrapTokens tokens = with(
                text -> text.replaceAll("expiration: '[^']*',", "").replaceAll(", auth-extra-groups: '[^']*'", ""));

        assertThat(tokens.authenticate(TOKEN).orElseThrow().groups()).containsExactly("system:bootstrappers");
    }

    record Attack(String name, String token, UnaryOperator<String> secret) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                new Attack("another secret", "abcdef.0123456789abcdeg", text -> text),
                new Attack("another id", "abcdeg.0123456789abcdef", text -> text),
                new Attack("capitals", "ABCDEF.0123456789ABCDEF", text -> text),
                new Attack("a line behind it", TOKEN + "\n", text -> text),
                new Attack("a path as id", "../../.0123456789abcdef", text -> text),
                new Attack("no secret", "abcdef.", text -> text),
                new Attack("of another type", TOKEN, text -> text.replace("bootstrap.kubernetes.io/token", "Opaque")),
                new Attack("in another namespace", TOKEN, text -> text.replace("kube-system", "default")),
                new Attack(
                        "expired",
                        TOKEN,
                        text -> text.replace(encoded("2026-11-21T07:00:00Z"), encoded("2026-11-21T06:00:00Z"))),
                new Attack(
                        "an expiration that nobody can read",
                        TOKEN,
                        text -> text.replace(encoded("2026-11-21T07:00:00Z"), encoded("tomorrow"))),
                new Attack("not for authentication", TOKEN, text -> text.replace(encoded("true"), encoded("false"))),
                new Attack("of another id within", TOKEN, text -> text.replace(encoded("abcdef"), encoded("zzzzzz"))),
                new Attack(
                        "being deleted",
                        TOKEN,
                        text -> text.replace("metadata: {", "metadata: {deletionTimestamp: '2026-11-21T05:00:00Z', ")),
                new Attack(
                        "with a group that is not theirs",
                        TOKEN,
                        text -> text.replace(
                                encoded("system:bootstrappers:kubeadm:default-node-token"), encoded("system:masters"))),
                new Attack(
                        "with a group behind a comma",
                        TOKEN,
                        text -> text.replace(
                                encoded("system:bootstrappers:kubeadm:default-node-token"),
                                encoded("system:bootstrappers:a,system:masters"))));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void takesNoOther(Attack attack) {
        assertThat(with(attack.secret()).authenticate(attack.token())).isEmpty();
    }

    @Test
    void tellsTheBearersAudience() {
        TokenAuthenticator tokens = TokenAuthenticator.forAudiences(List.of("api"), with(text -> text)::authenticate);

        assertThat(tokens.authenticate(TOKEN, List.of()).orElseThrow().audiences())
                .containsExactly("api");
        assertThat(tokens.authenticate(TOKEN, List.of()).orElseThrow().user().groups())
                .endsWith("system:authenticated");
        assertThat(tokens.authenticate(TOKEN, List.of("vault"))).isEmpty();
    }

    private static BootstrapTokens with(UnaryOperator<String> change) {
        String secret = "{metadata: {name: bootstrap-token-abcdef, namespace: kube-system},"
                + " type: bootstrap.kubernetes.io/token, data: {token-id: '" + encoded("abcdef") + "', token-secret: '"
                + encoded("0123456789abcdef") + "', expiration: '" + encoded("2026-11-21T07:00:00Z")
                + "', usage-bootstrap-authentication: '" + encoded("true") + "', auth-extra-groups: '"
                + encoded("system:bootstrappers:kubeadm:default-node-token") + "'}}";
        var store = new FakeObjectClient().with(SECRETS, change.apply(secret));
        return new BootstrapTokens(() -> store, () -> NOW);
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
