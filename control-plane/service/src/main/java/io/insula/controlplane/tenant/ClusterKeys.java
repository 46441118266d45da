package io.insula.controlplane.tenant;

import io.insula.controlplane.home.Listening;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Credentials;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.KeyRing;
import io.insula.controlplane.pki.Kubeconfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The certificates of one cluster, and what people were given of them: opened, or made, when somebody asks first.
/// Thread-safe: guarded by `this`, but for what one reconciling thread at a time does when they change.
final class ClusterKeys {

    private static final String PKI = "pki";
    private static final String CREDENTIALS = "credentials";

    /// Folders of the cluster's folder: all that it has on disk beside its store.
    static final List<String> FOLDERS = List.of(PKI, CREDENTIALS);

    private final String name;
    private final Path folder;
    private final Listening listening;
    private final Clock clock;
    private final KeySafe safe;
    private Map<RotatedKeys, String> applied = Map.of();
    private @Nullable ClusterPki pki;
    private @Nullable Credentials credentials;

    /// @param name the cluster's, as its certificates have it
    /// @param folder the cluster's
    ClusterKeys(String name, Path folder, Listening listening, Clock clock, KeySafe safe) {
        this.name = name;
        this.folder = folder;
        this.listening = listening;
        this.clock = clock;
        this.safe = safe;
    }

    synchronized ClusterPki pki() {
        ClusterPki open = pki;
        if (open == null) {
            open = ClusterPki.open(folder.resolve(PKI), name, listening.names(), clock, safe);
            pki = open;
        }
        return open;
    }

    synchronized Credentials credentials() {
        Credentials open = credentials;
        if (open == null) {
            open = Credentials.open(folder.resolve(CREDENTIALS), clock);
            credentials = open;
        }
        return open;
    }

    /// A kubeconfig for a person, which is remembered.
    ///
    /// @param cluster as the kubeconfig calls it
    IssuedKubeconfig issue(String cluster, String endpoint, String user, List<String> groups, Duration validity) {
        KeyRing.Keys<CertificateAuthority> now = pki().authorities().now();
        KeyAndCertificate own = now.signing().issue(CertificateSpec.client(user, groups, validity));
        IssuedKubeconfig issued = new Kubeconfig(cluster, endpoint, ClusterPki.trustPem(now), user, own).issued();
        credentials().record(own.certificate(), user, groups, issued.credentialId(), now.name());
        return issued;
    }

    /// Has what runs go by keys that have changed since `apply` ran to its end the last time. What runs was started by
    /// those of the first time.
    ///
    /// @param apply gets those that have changed
    void whenChanged(Consumer<Set<RotatedKeys>> apply) {
        var now = new EnumMap<RotatedKeys, String>(RotatedKeys.class);
        for (RotatedKeys each : RotatedKeys.values()) {
            now.put(each, each.in(pki()).now().toString());
        }
        var changed = EnumSet.noneOf(RotatedKeys.class);
        applied.forEach((each, names) -> {
            if (!names.equals(now.get(each))) {
                changed.add(each);
            }
        });
        if (!changed.isEmpty()) {
            apply.accept(changed);
        }
        applied = now;
    }

    /// Kubeconfigs that are good now, and worth nothing when the change of the authority ends. Thread-safe.
    List<Credential> outdated() {
        KeyRing.Keys<CertificateAuthority> now = pki().authorities().now();
        return now.isRotating()
                ? alive().filter(each -> each.authority().equals(now.formerName()))
                        .toList()
                : List.of();
    }

    /// Says of kubeconfigs whose authority is taken no more that they are revoked, as they are.
    void revokeDropped() {
        KeyRing.Keys<CertificateAuthority> now = pki().authorities().now();
        alive().filter(each -> !now.isTaken(each.authority()))
                .toList()
                .forEach(each -> credentials().revoke(each.serial()));
    }

    private Stream<Credential> alive() {
        return credentials().list().stream()
                .filter(each -> each.revoked() == null && !each.authority().isEmpty());
    }

    /// Nothing runs any more that reads its key from a file, whoever started it.
    void hide() {
        safe.memory().ifPresent(memory -> memory.remove(folder.resolve(PKI)));
    }

    /// Before the folder is removed.
    synchronized void forget() {
        pki = null;
        credentials = null;
        applied = Map.of();
    }
}
