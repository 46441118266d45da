package io.insula.controlplane.service;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.admin.HostAccess;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.ShellWord;
import io.insula.controlplane.host.CredentialCheck;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.nodes.ChosenNodes;
import io.insula.controlplane.nodes.NodeBackEnd.RunningNodes;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.TenantRuntime;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Connections;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.rbac.NodeAuthorizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// The host cluster as the service sees it, embedded or somebody else's, with all that Insula needs on it. Immutable.
///
/// @param client stays the service's
/// @param syncer how the syncer reaches it: with no more rights than `deploy/rbac` gives
/// @param endpoint where it answers to people
/// @param access how its kubeconfigs come about
/// @param ready whether it answers now
/// @param nodes those that are ours; empty where the cluster is somebody else's
record HostCluster(
        KubernetesClient client,
        Config syncer,
        String endpoint,
        HostAccess access,
        BooleanSupplier ready,
        Optional<RunningNodes> nodes) {

    private static final String NODE_PREFIX = "system:node:";

    /// Starts the embedded host and prepares it.
    ///
    /// @param nodes those that it is to have
    /// @throws io.insula.process.ChildException when there is no etcd to start, or it ends by itself
    static HostCluster embedded(
            TenantRuntime.Settings settings,
            ChosenNodes nodes,
            Profiles profiles,
            HostIdentity identity,
            AuditTrail audit,
            StartSteps steps,
            OpenParts open) {
        EtcdProcess.binary();
        TenantRuntime runtime = open.add(TenantRuntime.ofHost(settings));
        steps.run("host etcd", runtime::startEtcd);
        steps.run(
                "host API server",
                () -> runtime.startServer(new Clusters.Role.Host(nodes.controllers()), audit.sink(AuditTrail.HOST)));
        ClusterPki pki = runtime.pki();
        Config config = Connections.near(Config.fromKubeconfig(
                kubeconfig(pki, runtime.localEndpoint(), "insula-control-plane", List.of(ClusterPki.MASTERS))));
        KubernetesClient client =
                open.add(Connections.open(config, settings.clusters().shortcut()));
        steps.run("host definitions and profiles", () -> {
            identity.require(client);
            var setup = new HostSetup(client, profiles);
            setup.install();
            setup.installRuntimes();
        });
        RunningNodes running = steps.run(
                "nodes",
                () -> open.add(nodes.start(
                        settings.home().nodes(),
                        client,
                        name -> nodeAccess(runtime, name),
                        settings.clusters().shortcut(),
                        tenant -> TenantRuntime.serverOf(tenant, settings),
                        (node, address) -> nodeServing(pki, node, address))));
        steps.say("nodes: " + running.description());
        return new HostCluster(
                client,
                Connections.near(Config.fromKubeconfig(
                        kubeconfig(pki, runtime.localEndpoint(), InsulaLabels.SYNCER, List.of()))),
                runtime.endpoint(),
                new OwnHost(runtime),
                runtime::isReady,
                Optional.of(running));
    }

    /// As kubelets have it. Source: Kubernetes documentation, "Using Node Authorization".
    private static Config nodeAccess(TenantRuntime host, String node) {
        return Connections.near(Config.fromKubeconfig(
                kubeconfig(host.pki(), host.localEndpoint(), NODE_PREFIX + node, List.of(NodeAuthorizer.GROUP))));
    }

    /// To the host's API server and nobody else.
    private static ServerTls nodeServing(ClusterPki pki, String node, String address) {
        KeyAndCertificate own = pki.issueNode(node, List.of(address));
        return new ServerTls(
                List.of(own.certificate()),
                own.key(),
                List.of(pki.authority().own().certificate()),
                List.of());
    }

    /// Connects to a host that others run, and prepares it.
    ///
    /// @throws HomeException when the file is none, or when the cluster does not answer and no tenant of this home
    ///     lives there: most likely it is the wrong one. With tenants it is waited for.
    static HostCluster external(
            Path file, Home home, Profiles profiles, HostIdentity identity, StartSteps steps, OpenParts open) {
        String yaml;
        try {
            yaml = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new HomeException("cannot read the host's kubeconfig " + file + ": " + e.getMessage(), e);
        }
        Config config;
        try {
            config = Connections.patient(Config.fromKubeconfig(yaml));
        } catch (IllegalArgumentException e) {
            throw new HomeException(
                    "--host-kubeconfig: " + file + " is no kubeconfig: " + e.getMessage() + "; nothing was changed", e);
        }
        KubernetesClient client = open.add(Connections.open(config));
        boolean isInUse = hasTenants(home);
        steps.run("host at " + config.getMasterUrl(), () -> {
            try {
                var _ = client.getKubernetesVersion();
            } catch (KubernetesClientException e) {
                throw isInUse ? e : unreachable(file, e);
            }
        });
        steps.run("rights on the host", new CredentialCheck(client)::require);
        steps.run("host definitions and profiles", () -> {
            identity.require(client);
            new HostSetup(client, profiles).install();
        });
        // what is given may be a cluster administrator's: the syncer acts as a user of its own
        Config syncer = new ConfigBuilder(config)
                .withImpersonateUsername(InsulaLabels.SYNCER)
                .build();
        return new HostCluster(
                client,
                syncer,
                config.getMasterUrl(),
                new HostAccess.Given(yaml),
                () -> answers(client),
                Optional.empty());
    }

    private static HomeException unreachable(Path file, KubernetesClientException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new HomeException(
                "--host-kubeconfig: the cluster of " + file + " does not answer: " + root.getMessage()
                        + "; try `kubectl --kubeconfig " + ShellWord.quote(file) + " version`; nothing was changed",
                e);
    }

    private static boolean hasTenants(Home home) {
        if (!Files.isDirectory(home.tenants())) {
            return false;
        }
        try (Stream<Path> tenants = Files.list(home.tenants())) {
            return tenants.findAny().isPresent();
        } catch (IOException e) {
            throw new HomeException("cannot read " + home.tenants() + ": " + e.getMessage(), e);
        }
    }

    private static String kubeconfig(ClusterPki pki, String endpoint, String user, List<String> groups) {
        return issue(pki, endpoint, user, groups, Duration.ofDays(365)).yaml();
    }

    private static IssuedKubeconfig issue(
            ClusterPki pki, String endpoint, String user, List<String> groups, Duration validity) {
        KeyAndCertificate credentials = pki.issueUser(user, groups, validity);
        return new Kubeconfig("insula-host", endpoint, pki.authority().certificatePem(), user, credentials).issued();
    }

    /// Its kubeconfigs are remembered, like tenants'.
    private record OwnHost(TenantRuntime runtime) implements HostAccess.Issuing {
        @Override
        public IssuedKubeconfig kubeconfig(String user, List<String> groups, Duration validity) {
            return runtime.issue("insula-host", user, groups, validity);
        }

        @Override
        public List<Credential> issued() {
            return runtime.issued();
        }

        @Override
        public Credential revoke(String serial) {
            return runtime.revoke(serial);
        }
    }

    private static boolean answers(KubernetesClient client) {
        try {
            return client.getKubernetesVersion() != null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }
}
