package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.insula.controlplane.admin.OidcPlan;
import io.insula.controlplane.service.Terminal.Said;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.auth.structured.TestIssuer;
import io.insula.tenantapi.auth.structured.TestLogins;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// People log in at an issuer and use their tenant with stock kubectl, which asks our command for a certificate; with
/// real etcd and everything else.
final class LoginTest {

    private static final String LAUNCHER = "insula.launcher";

    @TempDir
    private Path home;

    @TempDir
    private Path folder;

    @AfterEach
    void forgetLauncher() {
        System.clearProperty(LAUNCHER);
    }

    @Test
    void givesShortCertificatesToKubectlForWhoeverIsLoggedIn() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
        try (var issuer = new TestIssuer(key)) {
            var logins = new TestLogins(issuer, key, "insula");
            var plan = new OidcPlan(
                    issuer.url(),
                    "insula",
                    issuer.certificateAuthority(),
                    "sub",
                    "groups",
                    Map.of("sec", Set.of("auditor")));
            ServicePlan wanted = ServicePlan.of(home).with(plan, List.of(AddressBlock.of("127.0.0.1/32")));
            try (var _ = InsulaService.start(wanted, _ -> {})) {
                var terminal = new Terminal(home);
                assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
                assertThat(terminal.insula(
                                "tenant",
                                "access",
                                "acme",
                                "--member=devs",
                                "--cluster-group=devs=insula:cluster-admins"))
                        .containsPattern("devs +member +insula:cluster-admins");
                Path login = Files.writeString(
                        folder.resolve("login"),
                        terminal.type("admin", "login-file").output());
                System.setProperty(LAUNCHER, launcher().toString());
                withABrowser(terminal, logins, login);
                withADevice(terminal, logins, login);
            }
        }
    }

    private void withABrowser(Terminal terminal, TestLogins logins, Path login) throws Exception {
        logins.as("dev", "devs");
        Said said = terminal.type(
                "login", "acme", "--login=" + login, "--browser=" + script("browser", "exec curl -skL \"$1\""));
        assertThat(said.code()).as(said.error()).isZero();
        assertThat(said.output())
                .contains("exec:", "client.authentication.k8s.io/v1", "--exec-credential")
                .doesNotContain("PRIVATE KEY", "client-key", "eyJ");
        Path kubeconfig = Files.writeString(folder.resolve("acme.yaml"), said.output());
        assertThat(kubectl(kubeconfig, "auth", "whoami"))
                .contains("oidc:dev", "oidc:devs", "insula:cluster-admins")
                .doesNotContain("system:masters");
        assertThat(kubectl(kubeconfig, "create", "namespace", "shop")).contains("created");
        assertThat(terminal.insula("tenant", "kubeconfig", "list", "acme"))
                .as("one certificate for all calls of a quarter of an hour")
                .containsOnlyOnce("oidc:dev ");
        for (Path file : kept("")) {
            if (Files.isRegularFile(file)) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .startsWith("rw----");
            }
        }

        logins.living(10);
        assertThat(logins.grants()).containsExactly("authorization_code");
        forgetCertificates();
        shortenToken(terminal, login, logins);
        assertThat(kubectl(kubeconfig, "get", "namespace", "shop"))
                .as("another token is had without a person")
                .contains("shop");
        assertThat(logins.grants()).contains("refresh_token");

        logins.forgetEverybody();
        forgetCertificates();
        assertThat(kubectl(kubeconfig, "get", "namespace", "shop"))
                .as("nobody is there to log in")
                .contains("nobody is logged in", "insula login");
    }

    /// Who may not, is told so; tokens work for the commands of the admin API too.
    private void withADevice(Terminal terminal, TestLogins logins, Path login) throws Exception {
        logins.living(300);
        logins.as("eve", "sec");
        var agreeing = Thread.ofVirtual().start(() -> {
            while (!logins.hasDevices()) {
                Thread.onSpinWait();
            }
            logins.agreeToDevices();
        });
        Said said = terminal.type("login", "--device", "--login=" + login);
        agreeing.join();
        assertThat(said.code()).as(said.error()).isZero();
        assertThat(said.error()).contains("ABCD-EFGH");

        assertThat(terminal.insula("tenant", "list", "--login=" + login)).contains("acme ");
        assertThat(terminal.insula("tenant", "create", "other", "--login=" + login))
                .contains("may not ask for createTenant");
        assertThat(terminal.insula("login", "acme", "--exec-credential", "--login=" + login))
                .contains("may not ask for logInToTenant")
                .doesNotContain("PRIVATE KEY");
        assertThat(terminal.type("login", "--forget", "--login=" + login).code())
                .isZero();
        assertThat(kept(".json")).isEmpty();
        assertThat(terminal.insula("tenant", "list", "--login=" + login)).contains("nobody is logged in");
    }

    /// A token that is at its end, as after some minutes.
    private void shortenToken(Terminal terminal, Path login, TestLogins logins) throws Exception {
        Said again =
                terminal.type("login", "--login=" + login, "--browser=" + script("again", "exec curl -skL \"$1\""));
        assertThat(again.code()).as(again.error()).isZero();
        assertThat(logins.grants()).doesNotContain("refresh_token");
    }

    private void forgetCertificates() throws IOException {
        for (Path file : kept(".json")) {
            if (file.getFileName().toString().startsWith("tenant-")) {
                Files.delete(file);
            }
        }
    }

    private List<Path> kept(String ending) throws IOException {
        try (Stream<Path> all = Files.walk(home.resolve("logins"))) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private Path launcher() throws IOException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        return script(
                "insula",
                "exec " + java + " -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path")
                        + "' io.insula.controlplane.cli.Insula \"$@\"");
    }

    private Path script(String name, String line) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    /// All that it says.
    private String kubectl(Path kubeconfig, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("kubectl.out");
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
