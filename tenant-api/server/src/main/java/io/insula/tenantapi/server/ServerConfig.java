package io.insula.tenantapi.server;

import io.insula.tenantapi.aggregation.ProxyIdentity;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.auth.ReservedNames;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.pipeline.PassThrough;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.rbac.StandingRights;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.webhook.RunningPods;
import io.insula.tenantapi.webhook.ServiceResolver;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// What is one server's own. Immutable; made by [#builder].
///
/// @param storage of this tenant; the server closes it
/// @param http how it listens; empty for a server that is used in process only
/// @param serviceAccountKeys sign and check this tenant's tokens; asked at each use, answers from memory
/// @param issuer the URL that tokens name as theirs
/// @param auditSink takes every request, before its answer leaves
/// @param revoked whether a client certificate has been revoked; asked on every request, answers from memory
/// @param clusterIps given the server's own client; empty for an allocator over `serviceCidr`
/// @param serviceCidr the Service range, IPv4, e.g. `10.96.0.0/12`
/// @param advertiseAddress the IP at which pods reach the server; empty where none can
/// @param advertisePort the port there
/// @param extensionAuthentication data of the ConfigMap kube-system/extension-apiserver-authentication; asked whenever
///     that is written
/// @param passThrough answers logs, exec, attach, port-forward and proxies
/// @param serviceResolver says where webhooks and extension servers behind a Service are reached; given the
///     server's own client, empty for one of the Service's endpoints
/// @param runningPods whose endpoints are of pods that really run
/// @param egress which addresses the server may dial for its tenant; nothing private unless said otherwise
/// @param components the health of what runs beside the server, by the name that ComponentStatus has for it:
///     each throws when it does not work
/// @param plugins further admission plugins, of this tenant alone
/// @param authentication further issuers of tokens and who may stay anonymous; asked on every request, answers from
/// memory
/// @param frontProxy what it shows to API servers behind it; empty for nothing, then they know no user
/// @param standing of who serves the cluster from outside, whatever its roles say
/// @param reserved names that only a certificate of the cluster's authority gives
/// @param suspended whether nobody may write but those of `standing`; asked on every request, answers from memory
/// @param service limits, audit policy, shutdown
public record ServerConfig(
        Storage storage,
        Optional<HttpServerConfig> http,
        Supplier<ServiceAccountKeys> serviceAccountKeys,
        String issuer,
        AuditSink auditSink,
        Predicate<X509Certificate> revoked,
        Optional<Function<Supplier<ObjectClient>, ClusterIps>> clusterIps,
        String serviceCidr,
        String advertiseAddress,
        int advertisePort,
        Supplier<Map<String, String>> extensionAuthentication,
        PassThrough passThrough,
        Optional<Function<Supplier<ObjectClient>, ServiceResolver>> serviceResolver,
        RunningPods runningPods,
        EgressPolicy egress,
        Map<String, Runnable> components,
        List<AdmissionPlugin> plugins,
        List<ResourceKind> kinds,
        Supplier<AuthenticationConfig> authentication,
        Optional<Supplier<ProxyIdentity>> frontProxy,
        StandingRights standing,
        ReservedNames reserved,
        BooleanSupplier suspended,
        ServiceConfig service,
        Clock clock) {

    /// Of service account tokens, where nothing else is said.
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    public ServerConfig {
        components = Collections.unmodifiableMap(new LinkedHashMap<>(components));
        plugins = List.copyOf(plugins);
        kinds = List.copyOf(kinds);
    }

    public static Builder builder(Storage storage, ServiceAccountKeys keys) {
        return builder(storage, () -> keys);
    }

    /// @param keys asked at each use: answers from memory
    public static Builder builder(Storage storage, Supplier<ServiceAccountKeys> keys) {
        return new Builder(storage, keys);
    }

    /// Collects what differs from the defaults. Confined to one thread.
    public static final class Builder {
        private final Storage storage;
        private final Supplier<ServiceAccountKeys> keys;
        private Optional<HttpServerConfig> http = Optional.empty();
        private String issuer = ISSUER;
        private AuditSink auditSink = event -> {};
        private Predicate<X509Certificate> revoked = certificate -> false;
        private Optional<Function<Supplier<ObjectClient>, ClusterIps>> clusterIps = Optional.empty();
        private String serviceCidr = "10.96.0.0/12";
        private String advertiseAddress = "";
        private int advertisePort = 6443;
        private Supplier<Map<String, String>> extensionAuthentication = Map::of;
        private PassThrough passThrough = PassThrough.NONE;
        private Optional<Function<Supplier<ObjectClient>, ServiceResolver>> serviceResolver = Optional.empty();
        private RunningPods runningPods = RunningPods.UNKNOWN;
        private EgressPolicy egress = EgressPolicy.CLOSED;
        private Map<String, Runnable> components = Map.of();
        private List<AdmissionPlugin> plugins = List.of();
        private List<ResourceKind> kinds = List.of();
        private Supplier<AuthenticationConfig> authentication = () -> AuthenticationConfig.NONE;
        private Optional<Supplier<ProxyIdentity>> frontProxy = Optional.empty();
        private StandingRights standing = StandingRights.NONE;
        private ReservedNames reserved = ReservedNames.NONE;
        private BooleanSupplier suspended = () -> false;
        private ServiceConfig service = ServiceConfig.usual();
        private Clock clock = Clock.systemUTC();

        private Builder(Storage storage, Supplier<ServiceAccountKeys> keys) {
            this.storage = storage;
            this.keys = keys;
        }

        public Builder http(HttpServerConfig listening) {
            http = Optional.of(listening);
            return this;
        }

        public Builder issuer(String url) {
            issuer = url;
            return this;
        }

        public Builder auditSink(AuditSink sink) {
            auditSink = sink;
            return this;
        }

        public Builder revoked(Predicate<X509Certificate> test) {
            revoked = test;
            return this;
        }

        /// @param factory gets the server's own client, to be asked for at each use
        public Builder clusterIps(Function<Supplier<ObjectClient>, ClusterIps> factory) {
            clusterIps = Optional.of(factory);
            return this;
        }

        public Builder serviceCidr(String cidr) {
            serviceCidr = cidr;
            return this;
        }

        public Builder advertise(String address, int port) {
            advertiseAddress = address;
            advertisePort = port;
            return this;
        }

        /// @param data asked whenever it is written: answers from memory
        public Builder extensionAuthentication(Supplier<Map<String, String>> data) {
            extensionAuthentication = data;
            return this;
        }

        public Builder passThrough(PassThrough answers) {
            passThrough = answers;
            return this;
        }

        /// @param factory gets the server's own client, to be asked for at each use
        public Builder serviceResolver(Function<Supplier<ObjectClient>, ServiceResolver> factory) {
            serviceResolver = Optional.of(factory);
            return this;
        }

        public Builder runningPods(RunningPods pods) {
            runningPods = pods;
            return this;
        }

        public Builder egress(EgressPolicy policy) {
            egress = policy;
            return this;
        }

        /// @param checks by name, in the order in which they are listed; each throws when its part does not work
        public Builder components(Map<String, Runnable> checks) {
            components = checks;
            return this;
        }

        public Builder plugins(List<AdmissionPlugin> more) {
            plugins = more;
            return this;
        }

        /// @param more served by this server beside those that every one serves
        public Builder kinds(List<ResourceKind> more) {
            kinds = more;
            return this;
        }

        /// @param current asked on every request: answers from memory
        public Builder authentication(Supplier<AuthenticationConfig> current) {
            authentication = current;
            return this;
        }

        public Builder frontProxy(ProxyIdentity identity) {
            return frontProxy(() -> identity);
        }

        /// @param identity asked whenever it is shown: answers from memory
        public Builder frontProxy(Supplier<ProxyIdentity> identity) {
            frontProxy = Optional.of(identity);
            return this;
        }

        public Builder standing(StandingRights rights) {
            standing = rights;
            return this;
        }

        public Builder reserved(ReservedNames names) {
            reserved = names;
            return this;
        }

        /// @param now asked on every request: answers from memory
        public Builder suspended(BooleanSupplier now) {
            suspended = now;
            return this;
        }

        public Builder service(ServiceConfig how) {
            service = how;
            return this;
        }

        public Builder clock(Clock time) {
            clock = time;
            return this;
        }

        public ServerConfig build() {
            return new ServerConfig(
                    storage,
                    http,
                    keys,
                    issuer,
                    auditSink,
                    revoked,
                    clusterIps,
                    serviceCidr,
                    advertiseAddress,
                    advertisePort,
                    extensionAuthentication,
                    passThrough,
                    serviceResolver,
                    runningPods,
                    egress,
                    components,
                    plugins,
                    kinds,
                    authentication,
                    frontProxy,
                    standing,
                    reserved,
                    suspended,
                    service,
                    clock);
        }
    }
}
