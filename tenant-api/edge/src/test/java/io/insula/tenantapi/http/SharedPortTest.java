package io.insula.tenantapi.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.http.TestPki.Identity;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sites at one port, each with its own authority, and what strangers try there.
final class SharedPortTest {

    private static final int CONNECTIONS = 5;
    private static final String REQUEST = "GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicBoolean proxied = new AtomicBoolean();
    private Guest acme = unset();
    private Guest globex = unset();
    private Guest nobody = unset();
    private SharedPort port = unset();

    /// A site that says who it is and whom it sees.
    private record Guest(TestPki pki, HttpSite site, SharedPort.Named named) {
        static Guest of(String name) throws Exception {
            var pki = new TestPki("CN=" + name + " authority");
            Identity server = pki.server(name + ".test");
            var tls = new ServerTls(List.of(server.certificate()), server.key(), List.of(pki.certificate()));
            HttpSite site = HttpSite.of(
                    tls,
                    Duration.ofSeconds(1),
                    CONNECTIONS,
                    (request, responder) -> Edge.text(
                            responder,
                            name + " sees "
                                    + request.clientCertificates().stream()
                                            .map(c ->
                                                    c.getSubjectX500Principal().getName())
                                            .toList()
                                    + " from " + request.remoteAddress()));
            return new Guest(pki, site, new SharedPort.Named(site, tls));
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // until the test begins
    private static <T> T unset() {
        return null;
    }

    @BeforeEach
    void listen() throws Exception {
        acme = Guest.of("acme");
        globex = Guest.of("globex");
        nobody = Guest.of("nobody");
        port = SharedPort.start("127.0.0.1", 0, loops, _ -> proxied.get(), name -> switch (name) {
            case "acme.test" -> acme.named();
            case "globex.test" -> globex.named();
            case "broken.test" -> throw new IllegalStateException("no certificate for it");
            default -> nobody.named();
        });
    }

    @AfterEach
    void end() {
        port.close();
        List.of(acme, globex, nobody).forEach(guest -> guest.site().close());
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void answersByTheNameThatIsAskedForWithThatOnesCertificate() throws Exception {
        assertThat(ask(acme, "acme.test", null)).contains("200 OK", "acme sees []");
        assertThat(ask(globex, "globex.test", null)).contains("globex sees []");
        assertThat(ask(acme, "ACME.test", null)).as("names have no case").contains("acme sees []");
        assertThat(ask(nobody, "other.test", null)).contains("nobody sees []");
        assertThat(ask(nobody, "", null)).as("no name").contains("nobody sees []");
    }

    @Test
    void believesClientsOfThatSiteOnly() throws Exception {
        Identity jane = acme.pki().client("CN=jane");

        assertThat(ask(acme, "acme.test", jane)).contains("acme sees [CN=jane]");
        assertThatThrownBy(() -> ask(acme, "globex.test", jane))
                .as("whoever trusts acme's authority does not even get to globex")
                .isInstanceOf(SSLException.class);
        assertThat(ask(globex, "globex.test", jane))
                .as("a stranger's certificate is none")
                .contains("globex sees []");
    }

    @Test
    void neverShowsOneSitesCertificateForAnothersName() throws Exception {
        for (String name : List.of("x.acme.test", "acme.tes", "acme")) {
            X509Certificate shown = certificateFor(name);
            assertThat(shown.getIssuerX500Principal().getName()).as(name).isEqualTo("CN=nobody authority");
        }
    }

    /// What is no TLS, is cut short or too long, or has no site ends that connection and nothing else.
    @Test
    void outlivesWhatIsNoHandshake() throws Exception {
        for (String hostile : List.of(
                REQUEST,
                "\26\3\1\0\5hello",
                "\26\3\1\177\377" + "x".repeat(40_000),
                "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n",
                "\0".repeat(100))) {
            assertThat(raw(hostile)).as("no answer").doesNotContain("sees");
        }
        assertThatThrownBy(() -> ask(acme, "broken.test", null)).isInstanceOf(IOException.class);
        assertThat(ask(acme, "acme.test", null)).contains("acme sees []");
    }

    @Test
    void takesTheSourceFromProxiesThatItTrustsAndFromNobodyElse() throws Exception {
        proxied.set(true);
        assertThat(askBehind("PROXY TCP4 192.0.2.7 192.0.2.8 5000 443\r\n")).contains("from 192.0.2.7");
        assertThat(askBehind("PROXY TCP6 2001:db8::7 2001:db8::8 5000 443\r\n")).contains("from 2001:db8::7");
        assertThat(askBehind("PROXY UNKNOWN\r\n")).as("a proxy's own look").contains("from 127.0.0.1");
        assertThat(askBehind("\r\n\r\n\0\r\nQUIT\n\40\0\0\0"))
                .as("version 2, its own look")
                .contains("from 127.0.0.1");
        assertThatThrownBy(() -> askBehind("PROXY TCP4 192.0.2.7 not-an-address 5000 443\r\n"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ask(acme, "acme.test", null))
                .as("a trusted proxy that says nothing")
                .isInstanceOf(IOException.class);
        proxied.set(false);
        assertThatThrownBy(() -> askBehind("PROXY TCP4 192.0.2.7 192.0.2.8 5000 443\r\n"))
                .as("anybody can say so")
                .isInstanceOf(IOException.class);
        assertThat(ask(acme, "acme.test", null)).contains("from 127.0.0.1");
    }

    /// Whoever holds all connections that a site may have keeps nobody from the others.
    @Test
    void boundsTheConnectionsOfEachSite() throws Exception {
        var held = new ArrayList<SSLSocket>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                var socket = (SSLSocket) acme.pki()
                        .clientContext(null)
                        .getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), port.port());
                held.add(socket);
                named(socket, "acme.test");
                socket.startHandshake();
            }
            assertThatThrownBy(() -> ask(acme, "acme.test", null)).isInstanceOf(IOException.class);
            assertThat(ask(globex, "globex.test", null)).contains("globex sees []");
        } finally {
            for (SSLSocket socket : held) {
                socket.close();
            }
        }
        Edge.await("a place is free again", () -> {
            try {
                return ask(acme, "acme.test", null).contains("acme sees []");
            } catch (Exception e) {
                return false;
            }
        });
    }

    @Test
    void endsOneSiteAndServesTheOthers() throws Exception {
        acme.site().close();

        assertThatThrownBy(() -> ask(acme, "acme.test", null)).isInstanceOf(IOException.class);
        assertThat(ask(globex, "globex.test", null)).contains("globex sees []");
    }

    /// Somebody who connects and says nothing holds nobody up, nor the end.
    @Test
    void endsWhileSomebodyHasSaidNothingYet() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            socket.setSoTimeout((int) Edge.DEADLINE.toMillis());
            socket.getOutputStream().write(0x16);
            assertThat(ask(acme, "acme.test", null)).contains("acme sees []");
            port.close();
            assertThat(socket.getInputStream().read()).isNegative();
        }
    }

    /// @param expected whose server certificates the client takes
    private String ask(Guest expected, String name, @Nullable Identity client) throws Exception {
        return over(new Socket(InetAddress.getLoopbackAddress(), port.port()), expected.pki(), name, client);
    }

    private String askBehind(String header) throws Exception {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port.port());
        socket.getOutputStream().write(header.getBytes(ISO_8859_1));
        return over(socket, acme.pki(), "acme.test", null);
    }

    private static String over(Socket plain, TestPki trusted, String name, @Nullable Identity client) throws Exception {
        plain.setSoTimeout((int) Edge.DEADLINE.toMillis());
        try (var socket = (SSLSocket) trusted.clientContext(client)
                .getSocketFactory()
                .createSocket(plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true)) {
            named(socket, name);
            socket.getOutputStream().write(REQUEST.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static void named(SSLSocket socket, String name) {
        var parameters = socket.getSSLParameters();
        parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name.getBytes(ISO_8859_1))));
        socket.setSSLParameters(parameters);
    }

    private X509Certificate certificateFor(String name) throws Exception {
        try (var socket = (SSLSocket) nobody.pki()
                .clientContext(null)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port.port())) {
            named(socket, name);
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /// What comes back until the other side closes.
    private String raw(String bytes) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            socket.setSoTimeout((int) Edge.DEADLINE.toMillis());
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        } catch (java.net.SocketException e) {
            return "reset";
        }
    }
}
