package io.insula.controlplane.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.tenantapi.audit.AuditEventSchema;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two tenants at one port, a stranger who wants to know who is there, and a tenant who wants to get at the other.
final class FrontDoorTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String TOKEN = "Authorization: Bearer made-up\r\n";

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<ObjectNode> recorded = new CopyOnWriteArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final Inside acme = new Inside();
    private final Inside globex = new Inside();

    @TempDir
    private Path folder;

    private ClusterPki acmePki;
    private ClusterPki globexPki;
    private FrontDoor door;
    private FrontDoor.Guest guest;
    private int port;

    /// A tenant's API server, which tells its users and turns others away.
    private static final class Inside implements HttpHandler {
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final List<HttpRefusal> refusals = new CopyOnWriteArrayList<>();

        @Override
        public void handle(HttpRequest request, HttpResponder responder) {
            asked.add(request.path());
            if (request.clientCertificates().isEmpty()) {
                Doorkeeper.NOBODY.handle(request, responder);
            } else {
                String user = request.clientCertificates()
                        .getFirst()
                        .getSubjectX500Principal()
                        .getName();
                responder.send(200, Map.of("Content-Type", List.of("text/plain")), ("hello " + user).getBytes(UTF_8));
            }
        }

        @Override
        public void refused(HttpRefusal refusal) {
            refusals.add(refusal);
        }
    }

    @BeforeEach
    void open() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        acmePki = ClusterPki.open(folder.resolve("acme"), "acme", List.of(), Clock.systemUTC());
        globexPki = ClusterPki.open(folder.resolve("globex"), "globex", List.of(), Clock.systemUTC());
        var plan = new FrontDoorPlan("k8s.test", port, List.of());
        door = new FrontDoor(
                plan,
                "127.0.0.1",
                loops,
                Duration.ofMillis(200),
                new StrangerTrail(recorded::add, time()),
                Clock.systemUTC());
        guest = door.admit("acme", acmePki, acme);
        door.admit("globex", globexPki, globex);
    }

    @AfterEach
    void close() {
        guest.close();
        door.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void leadsEachUserToTheTenantWhoseNameWasAskedFor() throws Exception {
        assertThat(ask("acme.k8s.test", jane(), "").answer()).contains("200 OK", "hello CN=jane");
        assertThat(ask("globex.k8s.test", globexPki.issueUser("joe", List.of(), PATIENCE), "")
                        .answer())
                .contains("hello CN=joe");
        assertThat(ask("acme.k8s.test", jane(), "")
                        .shown()
                        .getIssuerX500Principal()
                        .getName())
                .isEqualTo("CN=insula acme");
    }

    /// Other tenants' users are strangers, whichever name they ask for.
    @Test
    void takesNoTenantsUserForAnothers() throws Exception {
        assertThat(ask("globex.k8s.test", jane(), "").answer()).contains("401");
        assertThat(globex.asked).as("nothing gets there").isEmpty();
        for (String other : List.of("globex.k8s.test", "GLOBEX.k8s.test:6443", "nobody.k8s.test")) {
            assertThat(ask("acme.k8s.test", jane(), other, "").answer())
                    .as("acme's connection for %s", other)
                    .contains("421");
        }
        assertThat(acme.asked).isEmpty();
        assertThat(acme.refusals).extracting(HttpRefusal::status).containsExactly(421, 421, 421);
        for (String own : List.of("acme.k8s.test", "acme.k8s.test:6443", "127.0.0.1:6443", "balancer.example")) {
            assertThat(ask("acme.k8s.test", jane(), own, "").answer()).as(own).contains("hello CN=jane");
        }
    }

    /// Neither by what is answered nor by what is shown can be told whether there is such a tenant.
    @Test
    void tellsStrangersNothing() throws Exception {
        for (String credentials : List.of("", TOKEN)) {
            Look known = ask("acme.k8s.test", null, credentials);
            Look unknown = ask("nobody.k8s.test", null, credentials);
            assertThat(likeness(unknown, "nobody")).isEqualTo(likeness(known, "acme"));
            assertThat(unknown.answer()).contains("401", "\"reason\":\"Unauthorized\"");
        }
        KeyAndCertificate foreign = ClusterPki.open(folder.resolve("x"), "x", List.of(), Clock.systemUTC())
                .issueUser("jane", List.of(ClusterPki.MASTERS), PATIENCE);
        assertThat(likeness(ask("nobody.k8s.test", foreign, ""), "nobody"))
                .isEqualTo(likeness(ask("acme.k8s.test", foreign, ""), "acme"));
        assertThat(acme.asked)
                .as("who shows a token is for the tenant to judge")
                .hasSize(1);
        assertThat(acme.refusals)
                .as("who shows nothing is in its trail")
                .extracting(HttpRefusal::status)
                .containsOnly(401);
    }

    @Test
    void showsNobodysTenantToOtherNames() throws Exception {
        for (String name : List.of("", "k8s.test", "host.k8s.test", "x.acme.k8s.test", "acme.k8s.test.evil", "acme")) {
            Look look = ask(name, jane(), "x", "");
            assertThat(look.answer()).as(name).contains("401");
            assertNotOfAcme(look);
        }
        assertThat(acme.asked).isEmpty();
    }

    /// In the superusers' trail: no API server has seen them.
    @Test
    void recordsWhatReachesNobody() throws Exception {
        KeyAndCertificate foreign = ClusterPki.open(folder.resolve("x"), "x", List.of(), Clock.systemUTC())
                .issueUser("jane", List.of(ClusterPki.MASTERS), PATIENCE);
        assertThat(ask("nobody.k8s.test", null, "").answer()).contains("401");
        assertThat(ask("nobody.k8s.test", foreign, TOKEN).answer()).contains("401");

        assertThat(recorded).hasSize(2).allSatisfy(event -> {
            assertThat(AuditEventSchema.violations(event)).isEmpty();
            assertThat(event.path("requestURI").asText()).isEqualTo("/version");
            assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(401);
            assertThat(event.at("/user/username").asText()).isEqualTo("system:anonymous");
            assertThat(event.at("/sourceIPs/0").asText()).isEqualTo("127.0.0.1");
            assertThat(event.at("/annotations/insula.io~1asked-host").asText()).isEqualTo("nobody.k8s.test");
            assertThat(event.toString()).as("no credentials").doesNotContain("made-up");
        });
        assertThat(ask("acme.k8s.test", jane(), "").answer()).contains("200");
        assertThat(recorded).as("tenants have trails of their own").hasSize(2);
    }

    /// Strangers decide how many there are, and not how much is written.
    @Test
    void countsStrangersThatComeTooOften() {
        var trail = new StrangerTrail(recorded::add, time());
        var request = new HttpRequest("GET", "/", "", Map.of(), new byte[0], "192.0.2.1", List.of(), false);
        for (int i = 0; i < StrangerTrail.MOST + 7; i++) {
            trail.record(new HttpRefusal(request, 401, "Unauthorized"));
        }
        assertThat(recorded).hasSize(StrangerTrail.MOST);
        now.updateAndGet(before -> before.plusSeconds(60));
        trail.record(new HttpRefusal(request, 401, "Unauthorized"));
        trail.record(new HttpRefusal(request, 401, "Unauthorized"));
        assertThat(recorded).hasSize(StrangerTrail.MOST + 2);
        assertThat(recorded.get(StrangerTrail.MOST)
                        .at("/annotations/insula.io~1not-recorded")
                        .asText())
                .isEqualTo("7");
        assertThat(recorded.getLast().path("annotations").has("insula.io/not-recorded"))
                .isFalse();
    }

    private Clock time() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now.get();
            }
        };
    }

    @Test
    void leadsNobodyToATenantThatIsGone() throws Exception {
        guest.close();

        Look look = ask("acme.k8s.test", jane(), "");

        assertThat(look.answer()).contains("401");
        assertNotOfAcme(look);
        assertThat(acme.asked).isEmpty();
    }

    private void assertNotOfAcme(Look look) {
        assertThatThrownBy(() -> look.shown()
                        .verify(acmePki.authority().own().certificate().getPublicKey()))
                .isInstanceOf(SignatureException.class);
    }

    private KeyAndCertificate jane() {
        return acmePki.issueUser("jane", List.of(), PATIENCE);
    }

    /// What a client has seen.
    ///
    /// @param wanted whose certificates were asked for
    private record Look(X509Certificate shown, List<String> wanted, String answer) {}

    /// All that is seen, but for the name itself, numbers that are random, and times.
    private static String likeness(Look look, String tenant) throws Exception {
        X509Certificate shown = look.shown();
        var extensions = new TreeSet<String>(shown.getNonCriticalExtensionOIDs());
        extensions.addAll(shown.getCriticalExtensionOIDs());
        Duration validity = Duration.between(
                shown.getNotBefore().toInstant(), shown.getNotAfter().toInstant());
        String all = String.join(
                "\n",
                shown.getSubjectX500Principal().getName(),
                shown.getIssuerX500Principal().getName(),
                shown.getSigAlgName(),
                shown.getPublicKey().getAlgorithm(),
                extensions.toString(),
                String.valueOf(shown.getSubjectAlternativeNames()),
                String.valueOf(shown.getExtendedKeyUsage()),
                validity.toString(),
                look.wanted().toString(),
                look.answer().replaceAll("(?im)^(audit-id|date): .*$", "$1"));
        return all.replace(tenant, "TENANT");
    }

    private Look ask(String name, @Nullable KeyAndCertificate client, String headers) throws Exception {
        return ask(name, client, name, headers);
    }

    private Look ask(String name, @Nullable KeyAndCertificate client, String host, String headers) throws Exception {
        var keys = new Noting(client);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new Noting[] {keys}, new TrustManager[] {new Anybody()}, null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            var parameters = socket.getSSLParameters();
            parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
            socket.setSSLParameters(parameters);
            socket.getOutputStream()
                    .write(("GET /version HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers + "\r\n")
                            .getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            return new Look((X509Certificate) socket.getSession().getPeerCertificates()[0], keys.wanted, answer);
        }
    }

    /// Shows a certificate whoever asks for whose, and notes that.
    private static final class Noting extends X509ExtendedKeyManager {
        private final @Nullable KeyAndCertificate own;
        private List<String> wanted = List.of();

        Noting(@Nullable KeyAndCertificate own) {
            this.own = own;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, java.net.Socket socket) {
            wanted = Arrays.stream(issuers).map(Principal::getName).sorted().toList();
            return own == null ? null : "own";
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return own == null ? null : new X509Certificate[] {own.certificate()};
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return own == null ? null : own.key();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, java.net.Socket socket) {
            return null;
        }
    }

    /// Takes any server: what it shows is what is looked at.
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
