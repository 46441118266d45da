package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.process.OneKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// One port for all tenants of a whole installation, with real etcds behind it.
final class FrontDoorServiceTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    @TempDir
    private Path home;

    @TempDir
    private Path elsewhere;

    @Test
    void leadsKubeconfigsThereAndWakesWhoSleeps() throws Exception {
        int port = new Ports(HomeState.open(new Home(elsewhere)), Listening.loopback()).choose("test");
        var plan = new FrontDoorPlan("k8s.test", port, List.of());
        var options = ServicePlan.of(home)
                .with(KAFKA.settings(home))
                .with(Listening.loopback().with(Optional.of(plan)));
        var terminal = new Terminal(home);
        Config jane;
        try (var taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            assertThatThrownBy(() -> InsulaService.start(options, _ -> {}))
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining(Integer.toString(port))
                    .hasMessageContaining("front door");
        }
        try (var _ = InsulaService.start(options, _ -> {})) {
            assertThat(terminal.insula("status")).contains("https://TENANT.k8s.test:" + port);
            terminal.insula("tenant", "create", "acme");
            assertThat(terminal.insula("tenant", "list")).contains("https://acme.k8s.test:" + port);
            jane = Config.fromKubeconfig(
                    terminal.type("tenant", "kubeconfig", "acme", "--admin").output());
            assertThat(jane.getMasterUrl()).isEqualTo("https://acme.k8s.test:" + port + "/");
            assertThat(namespaces(jane, port)).contains("200 OK", "kube-system");

            assertThat(madeUp("acme.k8s.test", port))
                    .as("what the tenant's own server answers is what nobody's does")
                    .contains("401")
                    .isEqualTo(madeUp("nobody.k8s.test", port));

            terminal.insula("tenant", "sleep", "acme");
            await("it sleeps", () -> terminal.ready("acme").contains("Asleep"));
            assertThat(namespaces(jane, port)).as("held until it is awake").contains("200 OK", "kube-system");
            assertThat(terminal.insula("tenant", "delete", "acme")).contains("acme");
        }
    }

    /// The client goes by the name, as if DNS led it here.
    private static String namespaces(Config config, int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(SSLUtils.keyManagers(config), SSLUtils.trustManagers(config), null);
        var plain = new Socket(InetAddress.getLoopbackAddress(), port);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "acme.k8s.test", port, true)) {
            socket.setSoTimeout(180_000);
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            return ask(socket, "acme.k8s.test", "");
        }
    }

    /// The answer to whoever trusts any server and has a made-up token, but for what differs each time.
    private static String madeUp(String name, int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                SSLUtils.trustManagers(new ConfigBuilder(Config.empty())
                        .withTrustCerts(true)
                        .withDisableHostnameVerification(true)
                        .build()),
                null);
        var plain = new Socket(InetAddress.getLoopbackAddress(), port);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true)) {
            socket.setSoTimeout(180_000);
            return ask(socket, name, "Authorization: Bearer made-up\r\n")
                    .replaceAll("(?im)^(audit-id|date): .*$", "$1");
        }
    }

    private static String ask(SSLSocket socket, String name, String headers) throws IOException {
        socket.getOutputStream()
                .write(("GET /api/v1/namespaces HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n" + headers
                                + "\r\n")
                        .getBytes(ISO_8859_1));
        return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
}
