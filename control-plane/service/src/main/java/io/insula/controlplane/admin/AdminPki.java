package io.insula.controlplane.admin;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.keys.HomeKeys;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.Credentials;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.pki.PemStore;
import io.insula.controlplane.pki.TlsContexts;
import io.insula.tenantapi.http.ServerTls;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/// The admin API's own authority and certificates, under `admin` in the home folder. Nothing of a tenant is
/// signed by it.
public final class AdminPki {

    /// The organization of superusers' certificates.
    public static final String SUPERUSERS = Role.SUPERUSER.groupFor("");

    private static final String AUTHORITY = "insula admin";
    private static final String FILE = "ca";

    private final CertificateAuthority authority;
    private final KeyAndCertificate server;
    private final KeyAndCertificate own;
    private final Credentials credentials;

    private AdminPki(Path folder, List<String> addresses, Clock clock, KeySafe safe) {
        credentials = Credentials.open(folder.resolve("credentials"), clock);
        var store = new PemStore(folder, clock, safe);
        authority = store.authority(FILE, AUTHORITY);
        server = store.issued("server", authority, CertificateSpec.server("insula-admin", addresses));
        own = superuser(store, authority);
    }

    /// Opens the folder, making what is missing.
    public static AdminPki open(Home home, Listening listening, Clock clock, KeySafe safe) {
        var names = new ArrayList<>(List.of("localhost", "127.0.0.1"));
        listening.names().stream().filter(n -> !names.contains(n)).forEach(names::add);
        return new AdminPki(home.adminPki(), names, clock, safe);
    }

    /// TLS as the home folder's own superuser, for commands.
    ///
    /// @throws io.insula.controlplane.home.HomeException when the home's keys are encrypted and cannot be opened
    public static SSLContext superuserTls(Home home, Clock clock) {
        var store = new PemStore(home.adminPki(), clock, HomeKeys.open(home));
        CertificateAuthority authority = store.authority(FILE, AUTHORITY);
        return TlsContexts.client(superuser(store, authority), authority.own().certificate());
    }

    private static KeyAndCertificate superuser(PemStore store, CertificateAuthority authority) {
        return store.issued(
                "superuser", authority, CertificateSpec.client("superuser", List.of(SUPERUSERS), CertificateSpec.LONG));
    }

    /// A kubeconfig that leads to the admin API, which is remembered.
    ///
    /// @param endpoint `https://host:port` of the admin API
    IssuedKubeconfig issue(String user, List<String> groups, Duration validity, String endpoint) {
        KeyAndCertificate issued = authority.issue(CertificateSpec.client(user, groups, validity));
        IssuedKubeconfig kubeconfig =
                new Kubeconfig("insula-admin", endpoint, authority.certificatePem(), user, issued).issued();
        credentials.record(issued.certificate(), user, groups, kubeconfig.credentialId(), FILE);
        return kubeconfig;
    }

    /// What clients of the admin API trust, PEM.
    String authorityPem() {
        return authority.certificatePem();
    }

    /// What people were given.
    Credentials credentials() {
        return credentials;
    }

    /// Whether a serial number, in hexadecimal digits, is that of the home folder's own superuser.
    boolean isOwn(String serial) {
        return Credentials.isOf(serial, own.certificate());
    }

    ServerTls serverTls() {
        return new ServerTls(
                List.of(server.certificate()),
                server.key(),
                List.of(authority.own().certificate()));
    }
}
