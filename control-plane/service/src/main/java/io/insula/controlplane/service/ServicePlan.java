package io.insula.controlplane.service;

import io.insula.controlplane.admin.OidcPlan;
import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.backup.BackupFolder;
import io.insula.controlplane.backup.BackupPlace;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.keys.KeySource;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.HostRanges;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a service is to run. Immutable.
///
/// @param home where everything lives
/// @param listening loopback unless the user says otherwise
/// @param adminPort 0 for any free one
/// @param hostKubeconfig null for the embedded host
/// @param nodes which nodes the embedded host has, as `up --nodes` takes it; empty for the best there can be
/// @param hostRanges addresses of the host cluster that it does not name itself
/// @param egress what tenants' API servers may dial of what is private
/// @param oidc whose tokens the admin API takes; null for nobody's
/// @param kafka null to start a broker
/// @param backups where backups of tenants are kept
/// @param keys encrypts private keys on disk; null for what the home remembers
/// @param storeBytes what the etcd of each cluster may store; a multiple of the page size
/// @param marker the argument by which this process is known; empty where it runs inside another program
public record ServicePlan(
        Home home,
        Listening listening,
        int adminPort,
        boolean newPorts,
        @Nullable Path hostKubeconfig,
        String nodes,
        HostRanges hostRanges,
        List<AddressBlock> egress,
        @Nullable OidcPlan oidc,
        @Nullable KafkaSettings kafka,
        BackupPlace backups,
        @Nullable KeySource keys,
        long storeBytes,
        String marker,
        Memory memory) {

    /// The defaults, on loopback, with simulated nodes, inside another program (a test).
    public static ServicePlan of(Path home) {
        return new ServicePlan(
                new Home(home),
                Listening.loopback(),
                0,
                false,
                null,
                "simulated",
                HostRanges.NONE,
                List.of(),
                null,
                null,
                new BackupFolder(new Home(home).backups()),
                null,
                EtcdProcess.QUOTA_BYTES,
                "",
                Memory.NONE);
    }

    /// The same at another place.
    ServicePlan with(Listening other) {
        return new ServicePlan(
                home,
                other,
                adminPort,
                newPorts,
                hostKubeconfig,
                nodes,
                hostRanges,
                egress,
                oidc,
                kafka,
                backups,
                keys,
                storeBytes,
                marker,
                memory);
    }

    /// The same with somebody else's Kafka.
    ServicePlan with(KafkaSettings other) {
        return new ServicePlan(
                home,
                listening,
                adminPort,
                newPorts,
                hostKubeconfig,
                nodes,
                hostRanges,
                egress,
                oidc,
                other,
                backups,
                keys,
                storeBytes,
                marker,
                memory);
    }

    /// The same with clusters of another size.
    ServicePlan withStoreBytes(long bytes) {
        return new ServicePlan(
                home,
                listening,
                adminPort,
                newPorts,
                hostKubeconfig,
                nodes,
                hostRanges,
                egress,
                oidc,
                kafka,
                backups,
                keys,
                bytes,
                marker,
                memory);
    }

    /// The same with people who log in at an issuer.
    ///
    /// @param blocks what may be dialled of what is private, for the issuer too
    public ServicePlan with(OidcPlan people, List<AddressBlock> blocks) {
        return new ServicePlan(
                home,
                listening,
                adminPort,
                newPorts,
                hostKubeconfig,
                nodes,
                hostRanges,
                blocks,
                people,
                kafka,
                backups,
                keys,
                storeBytes,
                marker,
                memory);
    }

    /// The same with encrypted keys.
    ServicePlan with(KeySource encrypting) {
        return new ServicePlan(
                home,
                listening,
                adminPort,
                newPorts,
                hostKubeconfig,
                nodes,
                hostRanges,
                egress,
                oidc,
                kafka,
                backups,
                encrypting,
                storeBytes,
                marker,
                memory);
    }

    /// What the home is to remember of how it was started.
    ///
    /// @param options of `insula up`, by their names without dashes
    /// @param changeHost whether another host cluster than the remembered one is meant
    public record Memory(Map<String, String> options, boolean changeHost) {

        /// Nothing was chosen.
        public static final Memory NONE = new Memory(Map.of(), false);

        public Memory {
            options = Map.copyOf(options);
        }
    }
}
