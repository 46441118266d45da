package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import io.micronaut.context.annotation.Prototype;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula login`.
@Prototype
@Command(
        name = "login",
        description = {
            "Logs you in at the installation's issuer, as the file of --login says (`insula admin login-file`).",
            "With the name of a tenant it prints a kubeconfig without any secret, whose user is whoever is logged in:"
                    + " kubectl runs this command for a certificate of a quarter of an hour, time and again.",
            "All other commands that have --login ask the admin API as you, by the roles of your groups."
        })
final class LoginCommand implements InsulaCommand, Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "TENANT", arity = "0..1")
    private @Nullable String tenant;

    @Option(names = "--device", description = "Logs in with a browser on another machine, by a code to type in there.")
    private boolean device;

    @Option(
            names = "--browser",
            paramLabel = "COMMAND",
            description = "Opens the page with this command; '' only prints it (default: $BROWSER, or what the system"
                    + " has for it).")
    private @Nullable String browser;

    @Option(
            names = "--callback-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The port of this machine that the browser comes back to, where the issuer knows one"
                    + " (default: any free one).")
    private int port;

    @Option(
            names = "--no-keep",
            description = "Keeps nothing on disk, neither tokens nor certificates: whoever is asked logs in each time.")
    private boolean forgetful;

    @Option(names = "--forget", description = "Removes what is kept of a login, and does nothing else.")
    private boolean forget;

    @Option(
            names = "--lifetime",
            paramLabel = "D",
            description = "How long each certificate is good for: 10m to 1h (default: 15m).")
    private @Nullable String lifetime;

    @Option(
            names = "--exec-credential",
            description = "Prints a certificate for the tenant as kubectl wants it of an exec plugin.")
    private boolean plugin;

    @Override
    public int order() {
        return 45;
    }

    @Override
    public Integer call() {
        LoginFile file = TenantArgument.access(spec)
                .login()
                .map(LoginFile::read)
                .orElseThrow(() -> new CommandException("--login: missing (expected: the file that `insula admin"
                        + " login-file` has printed, or INSULA_LOGIN)"));
        var login = new Login(TenantArgument.home(spec), file, !forgetful);
        if (forget) {
            login.forget();
            System.err.println("nothing is kept of it; certificates end by themselves, or when they are revoked");
            return 0;
        }
        Optional<String> of = Optional.ofNullable(tenant).map(name -> TenantArgument.require(spec, name));
        if (plugin) {
            return answerKubectl(login, of.orElseThrow(() -> new CommandException("TENANT: missing")));
        }
        login.begin(this::logIn);
        System.err.println("logged in");
        of.ifPresent(name -> System.out.print(kubeconfig(login, name)));
        return 0;
    }

    private LoginTokens logIn(IssuerClient issuer) {
        return device
                ? new DeviceLogin(issuer).run()
                : new BrowserLogin(issuer, browser == null ? Browsers.usual() : browser, port).run();
    }

    private int answerKubectl(Login login, String name) {
        if (!login.isUsable()) {
            requirePerson(login);
            login.begin(this::logIn);
        }
        JsonNode answer = login.credential(name, seconds());
        Config config = Config.fromKubeconfig(answer.path("kubeconfig").asText());
        ObjectNode credential = Json.object()
                .put("apiVersion", "client.authentication.k8s.io/v1")
                .put("kind", "ExecCredential");
        credential
                .putObject("status")
                .put("expirationTimestamp", answer.path("expirationTimestamp").asText())
                .put("clientCertificateData", decoded(config.getClientCertData()))
                .put("clientKeyData", decoded(config.getClientKeyData()));
        System.out.println(credential);
        return 0;
    }

    /// Source: Kubernetes documentation, "client-go credential plugins", `KUBERNETES_EXEC_INFO`.
    private static void requirePerson(Login login) {
        String info = System.getenv().getOrDefault("KUBERNETES_EXEC_INFO", "");
        try {
            if (!info.isEmpty()
                    && !Json.MAPPER.readTree(info).at("/spec/interactive").asBoolean()) {
                var _ = login.token();
            }
        } catch (IOException e) {
            throw new CommandException("KUBERNETES_EXEC_INFO is none: " + e.getMessage(), e);
        }
    }

    private Optional<Long> seconds() {
        return Optional.ofNullable(lifetime).map(text -> KubeconfigOptions.seconds(text, spec));
    }

    /// Nothing in it is secret: whoever has it must log in.
    private String kubeconfig(Login login, String name) {
        JsonNode answer = login.credential(name, seconds());
        answer.path("groupsLeftOut")
                .forEach(group -> System.err.println(
                        "insula: a certificate cannot carry the group " + group.asText() + ", which is left out"));
        Config config = Config.fromKubeconfig(answer.path("kubeconfig").asText());
        String cluster = config.getCurrentContext().getName();
        ObjectNode whole = Json.object().put("apiVersion", "v1").put("kind", "Config");
        whole.putArray("clusters")
                .addObject()
                .put("name", cluster)
                .putObject("cluster")
                .put("server", config.getMasterUrl().replaceAll("/+$", ""))
                .put("certificate-authority-data", config.getCaCertData());
        String user = answer.path("user").asText();
        ObjectNode exec = whole.putArray("users")
                .addObject()
                .put("name", user)
                .putObject("user")
                .putObject("exec")
                .put("apiVersion", "client.authentication.k8s.io/v1")
                .put("command", Browsers.launcher())
                .put("interactiveMode", "IfAvailable")
                .put("installHint", "insula is the command of the installation that this cluster is of");
        arguments(login, name).forEach(exec.putArray("args")::add);
        whole.putArray("contexts")
                .addObject()
                .put("name", cluster)
                .putObject("context")
                .put("cluster", cluster)
                .put("user", user);
        whole.put("current-context", cluster);
        return Serialization.asYaml(whole);
    }

    private List<String> arguments(Login login, String name) {
        var all = new ArrayList<>(List.of(
                "login",
                name,
                "--exec-credential",
                "--login",
                login.file().path().toString()));
        if (device) {
            all.add("--device");
        }
        if (browser != null) {
            all.add("--browser=" + browser);
        }
        if (port != 0) {
            all.add("--callback-port=" + port);
        }
        if (forgetful) {
            all.add("--no-keep");
        }
        if (lifetime != null) {
            all.add("--lifetime=" + lifetime.toLowerCase(Locale.ROOT));
        }
        if (!TenantArgument.home(spec).equals(Home.standard())) {
            all.add("--home=" + TenantArgument.home(spec).root());
        }
        return all;
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
    }
}
