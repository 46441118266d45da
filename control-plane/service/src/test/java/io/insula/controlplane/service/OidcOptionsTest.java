package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// What `insula up` is told of an issuer: checked before anything is changed, and remembered.
final class OidcOptionsTest {

    private static final String ISSUER = "--oidc-issuer=https://id.example.com";
    private static final String CLIENT = "--oidc-client-id=insula";

    @Test
    void namesNobodyUnlessToldTo() {
        assertThat(options().oidc()).isEmpty();
    }

    @Test
    void takesWhatIsGivenAndTheLeastOtherwise() {
        var plan = options(ISSUER, CLIENT, "--oidc-role=operator=ops,auditor=sec,auditor=ops")
                .oidc()
                .orElseThrow();
        assertThat(plan.usernameClaim()).isEqualTo("sub");
        assertThat(plan.groupsClaim()).isEqualTo("groups");
        assertThat(plan.roles()).isEqualTo(Map.of("ops", Set.of("operator", "auditor"), "sec", Set.of("auditor")));
        assertThat(options(ISSUER, CLIENT).oidc().orElseThrow().roles()).isEmpty();
    }

    @Test
    void remembersItUntilThereIsAnother() {
        Map<String, String> before =
                options(ISSUER, CLIENT, "--oidc-role=operator=ops").remembered();
        var again = options();
        again.completeWith(before);
        assertThat(again.oidc().orElseThrow().roles()).containsKey("ops");
        assertThat(again.remembered()).isEqualTo(before);

        var other = options("--oidc-issuer=https://other.example.com", CLIENT);
        other.completeWith(before);
        assertThat(other.oidc().orElseThrow().roles())
                .as("groups of another issuer's are others")
                .isEmpty();

        var none = options("--oidc-issuer=");
        none.completeWith(before);
        assertThat(none.oidc()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--oidc-issuer=http://id.example.com " + CLIENT,
                "--oidc-issuer=id.example.com " + CLIENT,
                "--oidc-issuer=https://user:secret@id.example.com " + CLIENT,
                ISSUER,
                CLIENT,
                ISSUER + " " + CLIENT + " --oidc-ca=/does/not/exist",
                ISSUER + " " + CLIENT + " --oidc-ca=pom.xml",
                ISSUER + " " + CLIENT + " --oidc-role=ops",
                ISSUER + " " + CLIENT + " --oidc-role=root=ops",
                ISSUER + " " + CLIENT + " --oidc-role=owner=ops",
                ISSUER + " " + CLIENT + " --oidc-role=operator=",
                ISSUER + " " + CLIENT + " --oidc-role==ops"
            })
    void refusesWhatMakesNoIssuer(String typed) {
        var options = options(typed.split(" ", -1));
        assertThatThrownBy(options::check)
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("--oidc-")
                .hasMessageContaining("nothing was changed");
    }

    private static ServiceOptions options(String... typed) {
        var options = new ServiceOptions();
        var line = new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("o", mixin(options)));
        line.parseArgs(List.of(typed).toArray(String[]::new));
        return options;
    }

    private static CommandLine.Model.CommandSpec mixin(ServiceOptions options) {
        return CommandLine.Model.CommandSpec.forAnnotatedObject(options);
    }
}
