package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.insula.controlplane.audit.AuditReader.Page;
import io.insula.controlplane.audit.AuditReader.Wanted;
import io.insula.controlplane.audit.AuditReading;
import io.insula.controlplane.cluster.PodExplanations;
import io.insula.controlplane.cluster.ProfileChanges;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Credentials;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.pki.PemStore;
import io.insula.controlplane.pki.TlsContexts;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.RunningTenants;
import io.insula.controlplane.tenant.Tenant;
import io.insula.isolation.Profiles;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditEventSchema;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.Validation;
import io.micronaut.context.ApplicationContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A real admin server over TLS, on a host that is a real API server on a store in memory. Events stay here.
final class AdminFixture implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;

    private final ApplicationContext beans = ApplicationContext.run();
    private final TestCluster host;
    private final CertificateAuthority authority;
    private final Map<String, List<ObjectNode>> events = new ConcurrentHashMap<>();
    /// What there is to read back of the trail.
    private final List<byte[]> trail = new CopyOnWriteArrayList<>();

    /// How the spools are: full, or full as soon as something is written.
    enum Spool {
        GOOD,
        FULL,
        FILLING
    }

    private final MadeUpBackups backups = new MadeUpBackups();
    private volatile Spool spool = Spool.GOOD;
    private volatile boolean started = true;
    private final Home home;
    private final People people;
    private final AdminPki pki;
    private final AdminService service;
    private final AdminServer server;

    AdminFixture(Path folder) {
        this(folder, People.none());
    }

    /// @param who have tokens
    AdminFixture(Path folder, People who) {
        people = who;
        host = new TestCluster("host", folder.resolve("host"), beans.getBean(ServerComponents.class), b -> b);
        new HostSetup(host.client(), beans.getBean(Profiles.class)).install();
        home = new Home(folder.resolve("home"));
        pki = AdminPki.open(home, Listening.loopback(), Clock.systemUTC(), KeySafe.PLAIN);
        authority = new PemStore(home.adminPki(), Clock.systemUTC(), KeySafe.PLAIN).authority("ca", "insula admin");
        var tenants = new Tenants(
                ClusterPki.open(folder.resolve("acme"), "acme", List.of(), Clock.systemUTC()),
                folder.resolve("credentials"),
                backups);
        service = new AdminService(
                host.client(), tenants, new Trail(), tenants.ofHost(), () -> Json.object(), explainer(), changes());
        server = AdminServer.start(new Started(), this::sink, pki, people, Listening.loopback(), 0, Clock.systemUTC());
    }

    /// Of tenants with the pods that a test says.
    final Map<String, List<ObjectNode>> pods = new java.util.concurrent.ConcurrentHashMap<>();

    private AdminService.ChangePreview changes() {
        return new ProfileChanges(
                beans.getBean(Profiles.class),
                host.client(),
                this::profilesOf,
                tenant -> Optional.ofNullable(pods.get(tenant)))::preview;
    }

    private AdminService.Explainer explainer() {
        return new PodExplanations(
                beans.getBean(Profiles.class),
                new Validation(beans.getBean(ServerComponents.class), Clock.systemUTC()),
                this::profilesOf)::explain;
    }

    private ProfileSource profilesOf(String tenant) {
        return () -> {
            var spec =
                    host.client().resources(Tenant.class).withName(tenant).get().getSpec();
            return new ProfileSource.Choice(
                    profile(spec.profile()),
                    spec.allowed().stream().map(this::profile).toList());
        };
    }

    private ProfileSource.Profile profile(String name) {
        var spec = host.client()
                .resources(IsolationProfileResource.class)
                .withName(name)
                .get()
                .getSpec();
        return new ProfileSource.Profile(name, spec);
    }

    MadeUpBackups backups() {
        return backups;
    }

    KubernetesClient host() {
        return host.client();
    }

    List<Route> routes() {
        return new AdminRoutes(new Started(), pki, people, () -> "https://127.0.0.1:1", Clock.systemUTC()).all();
    }

    int port() {
        return server.port();
    }

    SSLContext superuser() {
        return client(authority, "root", AdminPki.SUPERUSERS);
    }

    /// A client whose certificate the admin API's own authority has signed.
    SSLContext member(String user, String... groups) {
        return client(authority, user, groups);
    }

    SSLContext client(CertificateAuthority issuer, String user, String... groups) {
        return client(issuer.issue(CertificateSpec.client(user, List.of(groups), Duration.ofHours(1))));
    }

    /// As a kubeconfig's user.
    static SSLContext tls(String kubeconfig) throws Exception {
        Config config = Config.fromKubeconfig(kubeconfig);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(SSLUtils.keyManagers(config), SSLUtils.trustManagers(config), null);
        return context;
    }

    /// Of the home folder's own superuser.
    String ownSerial() {
        return new PemStore(home.adminPki(), Clock.systemUTC(), KeySafe.PLAIN)
                .issued(
                        "superuser",
                        authority,
                        CertificateSpec.client("superuser", List.of(AdminPki.SUPERUSERS), CertificateSpec.LONG))
                .certificate()
                .getSerialNumber()
                .toString(16);
    }

    /// A client that shows no certificate.
    SSLContext nobody() {
        try {
            return TlsContexts.trusting(authority.certificatePem());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    SSLContext expired() {
        Clock past = Clock.offset(Clock.systemUTC(), Duration.ofDays(-2));
        return client(new CertificateAuthority(authority.own(), past), "root", AdminPki.SUPERUSERS);
    }

    SSLContext client(KeyAndCertificate own) {
        return TlsContexts.client(own, authority.own().certificate());
    }

    /// All events, in no order among tenants.
    List<ObjectNode> events() {
        return events.values().stream().flatMap(List::stream).toList();
    }

    List<ObjectNode> eventsOf(String tenant) {
        return events.getOrDefault(tenant, List.of());
    }

    /// All names that a spool would have been made for.
    java.util.Set<String> spools() {
        return events.keySet();
    }

    void spool(Spool how) {
        spool = how;
    }

    void inTrail(ObjectNode event) {
        trail.add(Json.bytes(event));
    }

    /// What came back.
    ///
    /// @param status 0 where nothing did
    record Answer(int status, String head, String body) {
        JsonNode json() {
            try {
                return Json.MAPPER.readTree(body);
            } catch (IOException e) {
                throw new IllegalStateException(body, e);
            }
        }

        String header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT)
                            .startsWith(name.toLowerCase(java.util.Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    Answer get(String target) {
        return send(superuser(), "GET " + target + " HTTP/1.1", "");
    }

    Answer post(String target, String body, String... headers) {
        return send(superuser(), "POST " + target + " HTTP/1.1", body, withType(headers));
    }

    Answer patch(String target, String body, String... headers) {
        return send(superuser(), "PATCH " + target + " HTTP/1.1", body, withType(headers));
    }

    Answer delete(String target, String... headers) {
        return send(superuser(), "DELETE " + target + " HTTP/1.1", "", headers);
    }

    /// Sends bytes that proper clients would clean up.
    ///
    /// @param requestLine as it goes out
    Answer send(SSLContext tls, String requestLine, String body, String... headers) {
        var text = new StringBuilder(requestLine)
                .append("\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ")
                .append(body.getBytes(StandardCharsets.UTF_8).length);
        for (String header : headers) {
            text.append("\r\n").append(header);
        }
        return raw(tls, text.append("\r\n\r\n").append(body).toString());
    }

    Answer raw(SSLContext tls, String request) {
        try (var socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            var all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            return answer(all.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new Answer(0, String.valueOf(e), "");
        }
    }

    private static String[] withType(String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.add("Content-Type: application/json");
        return all.toArray(String[]::new);
    }

    private static Answer answer(String text) {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return new Answer(0, text, "");
        }
        int status = Integer.parseInt(text.substring(9, 12));
        return new Answer(status, text.substring(0, end), text.substring(end + 4));
    }

    private AuditSink sink(String tenant) {
        return new AuditSink() {
            @Override
            public void accept(ObjectNode event) {
                if (spool != Spool.GOOD) {
                    throw new Unavailable("the disk is full", new IOException("no space left on device"));
                }
                assertThat(AuditEventSchema.violations(event))
                        .as(event.toString())
                        .isEmpty();
                events.computeIfAbsent(tenant, _ -> new CopyOnWriteArrayList<>())
                        .add(event);
            }

            @Override
            public void requireTaking() {
                if (spool == Spool.FULL) {
                    throw new Unavailable("the disk is full", new IOException("no space left on device"));
                }
            }
        };
    }

    /// Whether the service has begun to serve.
    void started(boolean yes) {
        started = yes;
    }

    private final class Started implements StartUp {
        @Override
        public byte[] metrics() {
            return "insula_test 1\n".getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Optional<AdminService> service() {
            return started ? Optional.of(service) : Optional.empty();
        }

        @Override
        public ObjectNode status() {
            return Json.object().put("starting", true);
        }

        @Override
        public String waitsFor() {
            return "the host";
        }
    }

    /// All that was recorded, in order of time.
    private final class Trail implements AuditReading {

        @Override
        public Page read(Wanted wanted, String cursor, Duration patience) {
            int from = cursor.isEmpty() ? 0 : Integer.parseInt(cursor);
            return new Page(of(wanted, trail.subList(from, trail.size())), Integer.toString(trail.size()), true);
        }

        @Override
        public Page readSince(Wanted wanted, Instant begin) {
            return read(wanted, "", Duration.ZERO);
        }

        @Override
        public Page readLast(Wanted wanted, int count, Instant begin) {
            var all = of(wanted, trail);
            var last = all.subList(Math.max(0, all.size() - count), all.size());
            return new Page(last, Integer.toString(trail.size()), true);
        }

        private static List<byte[]> of(Wanted wanted, List<byte[]> events) {
            return events.stream()
                    .filter(event -> wanted.tenant().isEmpty()
                            || Json.parse(event)
                                    .path("annotations")
                                    .path("insula.io/tenant")
                                    .asText()
                                    .equals(wanted.tenant()))
                    .toList();
        }
    }

    @Override
    public void close() {
        server.close();
        host.close();
        beans.close();
    }

    /// Every tenant runs, with one authority for all, and what they were given in one place for each.
    private record Tenants(ClusterPki pki, Path folder, MadeUpBackups backups) implements RunningTenants {

        @Override
        public Optional<List<ObjectNode>> pods(String tenant) {
            return Optional.empty();
        }

        @Override
        public boolean isReady(String tenant) {
            return true;
        }

        @Override
        public boolean isAsleep(String tenant) {
            return false;
        }

        @Override
        public IssuedKubeconfig kubeconfig(String tenant, String user, List<String> groups, Duration validity) {
            KeyAndCertificate own = pki.issueUser(user, groups, validity);
            IssuedKubeconfig issued = new Kubeconfig(
                            "insula-" + tenant,
                            "https://127.0.0.1:1",
                            pki.authority().certificatePem(),
                            user,
                            own)
                    .issued();
            credentials(tenant).record(own.certificate(), user, groups, issued.credentialId(), "ca");
            return issued;
        }

        @Override
        public List<Credential> issued(String tenant) {
            return credentials(tenant).list();
        }

        @Override
        public Credential revoke(String tenant, String serial) {
            return credentials(tenant).revoke(serial);
        }

        @Override
        public List<Credential> outdated(String tenant) {
            return issued(tenant).stream()
                    .filter(each -> each.revoked() == null)
                    .toList();
        }

        private Credentials credentials(String tenant) {
            return Credentials.open(folder.resolve(tenant), Clock.systemUTC());
        }

        HostAccess ofHost() {
            return new HostAccess.Issuing() {
                @Override
                public IssuedKubeconfig kubeconfig(String user, List<String> groups, Duration validity) {
                    return Tenants.this.kubeconfig("host", user, groups, validity);
                }

                @Override
                public List<Credential> issued() {
                    return Tenants.this.issued("host");
                }

                @Override
                public Credential revoke(String serial) {
                    return Tenants.this.revoke("host", serial);
                }
            };
        }
    }
}
