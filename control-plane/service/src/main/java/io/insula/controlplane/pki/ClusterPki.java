package io.insula.controlplane.pki;

import io.insula.controlplane.keys.KeySafe;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/// All keys and certificates of one cluster, a tenant's or the host: no authority is shared between two clusters, and
/// within one the etcd, front-proxy and user authorities are apart, so that a user certificate opens no etcd.
///
/// The files' names are upstream's where upstream has them. Source: Kubernetes documentation, "PKI certificates and
/// requirements". Thread-safe. Three of its keys can be replaced while they are used: the user authority, that of front
/// proxies, and that of service account tokens ([KeyRing]).
public final class ClusterPki {

    /// The group that may do everything whatever the RBAC rules say, until its members' certificates end.
    public static final String MASTERS = "system:masters";

    /// What Insula's own users and groups begin with: nobody gets a certificate for one by asking the cluster for it.
    public static final String OWN = "insula:";

    /// The group of administrators: `cluster-admin` by a ClusterRoleBinding of this name, which the cluster gets when
    /// it first begins to serve. Other than [#MASTERS] its rights can be taken away, by deleting the binding.
    public static final String CLUSTER_ADMINS = OWN + "cluster-admins";

    /// The syncer's group in a tenant, and its name: what its members may do there are standing rights of the API
    /// server's.
    public static final String SYNCER = OWN + "syncer";

    /// The group of who may use all that nodes serve: of the API server's certificate for it, and no other.
    public static final String NODE_CLIENTS = OWN + "node-clients";

    private static final String AUTHORITY = "ca";
    private static final String SERVER = "apiserver";
    private static final String FRONT_PROXY = "front-proxy-ca";
    private static final String FRONT_PROXY_CLIENT = "front-proxy-client";
    private static final String ETCD_SERVER = "etcd-server";
    private static final String ETCD_PEER = "etcd-peer";

    /// The API server's name in its certificates.
    static final String SERVER_USER = "kube-apiserver";

    private final KeyRing<CertificateAuthority> authorities;
    private final CertificateAuthority etcdAuthority;
    private final KeyRing<CertificateAuthority> frontProxyAuthorities;
    private final KeyAndCertificate etcdServer;
    private final KeyAndCertificate etcdPeer;
    private final KeyAndCertificate etcdClient;
    private final KeyRing<KeyPair> serviceAccountKeys;
    private final PemStore store;
    private List<String> serverNames;
    private KeyAndCertificate server;
    private KeyAndCertificate frontProxyClient;

    private ClusterPki(Path folder, String cluster, List<String> serverNames, Clock clock, KeySafe safe) {
        this.serverNames = List.copyOf(serverNames);
        store = new PemStore(folder, clock, safe);
        authorities = new KeyRing<>(
                AUTHORITY,
                store,
                // clients tell authorities apart by their names
                name -> store.authority(
                        name, authorityOf(cluster) + suffix(AUTHORITY, name).replace('-', ' ')),
                this::forgetAuthority,
                clock);
        etcdAuthority = store.authority("etcd-ca", "insula " + cluster + " etcd");
        frontProxyAuthorities = new KeyRing<>(
                FRONT_PROXY,
                store,
                name -> store.authority(
                        name,
                        frontProxyAuthorityOf(cluster)
                                + suffix(FRONT_PROXY, name).replace('-', ' ')),
                this::forgetFrontProxy,
                clock);
        server = issueServer();
        List<String> local = List.of("localhost", "127.0.0.1");
        etcdServer = store.issued(ETCD_SERVER, etcdAuthority, CertificateSpec.peer("etcd", local));
        etcdPeer = store.issued(ETCD_PEER, etcdAuthority, CertificateSpec.peer("etcd-peer", local));
        etcdClient = store.issued(
                "apiserver-etcd-client",
                etcdAuthority,
                CertificateSpec.client("kube-apiserver-etcd-client", List.of(), CertificateSpec.LONG));
        frontProxyClient = issueFrontProxyClient();
        serviceAccountKeys = new KeyRing<>("sa", store, store::signingKey, store::forget, clock);
    }

    /// [#open(Path, String, List, Clock, KeySafe)], with keys that are not encrypted.
    public static ClusterPki open(Path folder, String cluster, List<String> addresses, Clock clock) {
        return open(folder, cluster, addresses, clock, KeySafe.PLAIN);
    }

    /// Opens the folder, making whatever is missing.
    ///
    /// @param addresses extra DNS names and IP addresses under which the API server is reached
    /// @throws io.insula.controlplane.home.HomeException when a file is damaged
    public static ClusterPki open(Path folder, String cluster, List<String> addresses, Clock clock, KeySafe safe) {
        var names = new ArrayList<>(List.of(
                "localhost",
                "127.0.0.1",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local"));
        addresses.stream().filter(a -> !names.contains(a)).forEach(names::add);
        return new ClusterPki(folder, cluster, names, clock, safe);
    }

    static String authorityOf(String cluster) {
        return "insula " + cluster;
    }

    static String frontProxyAuthorityOf(String cluster) {
        return "insula " + cluster + " front proxy";
    }

    /// The API server's for one name and no other, by the authority that all of its clients trust. Nothing is kept of
    /// it.
    public KeyAndCertificate issueServer(String name) {
        return authorities.now().oldest().issue(CertificateSpec.server(SERVER_USER, List.of(name)));
    }

    /// `-2` of `ca-2`, nothing of `ca`.
    private static String suffix(String first, String name) {
        return name.substring(first.length());
    }

    private void forgetFrontProxy(String name) {
        store.forget(FRONT_PROXY_CLIENT + suffix(FRONT_PROXY, name));
        store.forget(name);
    }

    /// The server's certificate is worth nothing without it.
    private void forgetAuthority(String name) {
        store.forget(SERVER + suffix(AUTHORITY, name));
        store.forget(name);
    }

    /// By the oldest authority that is taken: whoever was given a kubeconfig before the change trusts no other.
    private KeyAndCertificate issueServer() {
        KeyRing.Keys<CertificateAuthority> now = authorities.now();
        return store.issued(
                SERVER + suffix(AUTHORITY, now.oldestName()),
                now.oldest(),
                CertificateSpec.server(SERVER_USER, serverNames));
    }

    /// From now on the API server's certificate is for one address more; issued anew where the kept one lacks it.
    public synchronized void answerAt(String address) {
        if (!serverNames.contains(address)) {
            var names = new ArrayList<>(serverNames);
            names.add(address);
            serverNames = List.copyOf(names);
            server = issueServer();
        }
    }

    /// Signs the users' certificates now, and the API server's unless it is being changed.
    public CertificateAuthority authority() {
        return authorities.now().signing();
    }

    /// The authorities of users and of the API server, which can change while they are used.
    public KeyRing<CertificateAuthority> authorities() {
        return authorities;
    }

    /// What clients are to trust, PEM: two certificates while the authority changes.
    public String trustPem() {
        return trustPem(authorities.now());
    }

    public static String trustPem(KeyRing.Keys<CertificateAuthority> authorities) {
        return authorities.taken().stream()
                .map(CertificateAuthority::certificatePem)
                .collect(Collectors.joining());
    }

    /// The authorities whose users' certificates are taken.
    public List<X509Certificate> trusted() {
        return authorities.now().taken().stream()
                .map(each -> each.own().certificate())
                .toList();
    }

    /// Whether a certificate that was taken once is of an authority that is taken still. From memory.
    public boolean isTaken(X509Certificate certificate) {
        return Stream.concat(trusted().stream(), trustedFrontProxies().stream())
                .anyMatch(each -> each.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()));
    }

    public CertificateAuthority etcdAuthority() {
        return etcdAuthority;
    }

    /// The authorities of front proxies, which can change while they are used.
    public KeyRing<CertificateAuthority> frontProxyAuthorities() {
        return frontProxyAuthorities;
    }

    /// Those whose certificates are a front proxy's.
    public List<X509Certificate> trustedFrontProxies() {
        return frontProxyAuthorities.now().taken().stream()
                .map(each -> each.own().certificate())
                .toList();
    }

    public CertificateAuthority frontProxyAuthority() {
        return frontProxyAuthorities.now().signing();
    }

    /// What the API server shows to API servers behind it.
    ///
    /// By the oldest authority that is taken: they learn of the new one while the change lasts.
    public synchronized KeyAndCertificate frontProxyClient() {
        X509Certificate by = frontProxyAuthorities.now().oldest().own().certificate();
        if (!by.getSubjectX500Principal().equals(frontProxyClient.certificate().getIssuerX500Principal())) {
            frontProxyClient = issueFrontProxyClient();
        }
        return frontProxyClient;
    }

    private KeyAndCertificate issueFrontProxyClient() {
        KeyRing.Keys<CertificateAuthority> now = frontProxyAuthorities.now();
        return store.issued(
                FRONT_PROXY_CLIENT + suffix(FRONT_PROXY, now.oldestName()),
                now.oldest(),
                CertificateSpec.client("front-proxy-client", List.of(), CertificateSpec.LONG));
    }

    /// What the API server shows to everybody.
    public synchronized KeyAndCertificate server() {
        X509Certificate by = authorities.now().oldest().own().certificate();
        if (!by.getSubjectX500Principal().equals(server.certificate().getIssuerX500Principal())) {
            server = issueServer();
        }
        return server;
    }

    public KeyAndCertificate etcdServer() {
        return etcdServer;
    }

    public KeyAndCertificate etcdPeer() {
        return etcdPeer;
    }

    public KeyAndCertificate etcdClient() {
        return etcdClient;
    }

    /// Signs service account tokens now.
    public KeyPair serviceAccountKey() {
        return serviceAccountKeys.now().signing();
    }

    /// The keys of service account tokens, which can change while they are used.
    public KeyRing<KeyPair> serviceAccountKeys() {
        return serviceAccountKeys;
    }

    /// The file of a certificate by its store name: `ca`, `etcd-ca`, `etcd-server` …
    public Path certificateFile(String name) {
        return store.certificateFile(name);
    }

    /// The file of a private key by its store name: encrypted, maybe.
    public Path keyFile(String name) {
        return store.keyFile(name);
    }

    /// Files that have etcd's private keys as they are, which etcd reads for each connection: to be hidden when it has
    /// ended.
    public EtcdKeyFiles showEtcdKeys() {
        return new EtcdKeyFiles(store.shownKeyFile(ETCD_SERVER, etcdServer), store.shownKeyFile(ETCD_PEER, etcdPeer));
    }

    public void hideEtcdKeys() {
        store.hideKeys();
    }

    /// @param server what it shows to clients
    /// @param peer what it shows to members
    public record EtcdKeyFiles(Path server, Path peer) {}

    /// A new client certificate for a user; nothing is kept of it.
    public KeyAndCertificate issueUser(String user, List<String> groups, Duration validity) {
        return authority().issue(CertificateSpec.client(user, groups, validity));
    }

    /// What a node serves with: for its name and addresses, and good for nothing else. Nothing is kept of it.
    public KeyAndCertificate issueNode(String node, List<String> addresses) {
        var names = new ArrayList<>(addresses);
        names.add(node);
        return authority().issue(CertificateSpec.server("system:node:" + node, names));
    }

    /// TLS towards the cluster's nodes, as its API server does it.
    public synchronized SSLContext nodeTls() {
        KeyAndCertificate own = store.issued(
                "apiserver-kubelet-client",
                authority(),
                CertificateSpec.client("kube-apiserver-kubelet-client", List.of(NODE_CLIENTS), CertificateSpec.LONG));
        return TlsContexts.client(own, authority().own().certificate());
    }

    /// TLS towards the cluster's etcd, as its API server does it.
    public SSLContext etcdTls() {
        return TlsContexts.client(etcdClient, etcdAuthority.own().certificate());
    }
}
