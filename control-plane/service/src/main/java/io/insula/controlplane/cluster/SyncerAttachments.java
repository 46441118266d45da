package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.tenant.Attachments;
import io.insula.controlplane.tenant.AttachmentsFactory;
import io.insula.controlplane.tenant.KindState;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.SyncedKinds;
import io.insula.controlplane.tenant.Trouble;
import io.insula.isolation.Profiles;
import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.engine.Connections;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.OwnKindState;
import io.insula.syncer.engine.Shortcut;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Runs the syncer in this JVM, one engine for all tenants, and records its writes in the audit trail.
@Singleton
final class SyncerAttachments implements AttachmentsFactory {

    private final List<Syncer<?>> syncers;
    private final Profiles profiles;
    private final Shortcut shortcut;

    SyncerAttachments(List<Syncer<?>> syncers, Profiles profiles, Shortcut shortcut) {
        this.syncers = List.copyOf(syncers);
        this.profiles = profiles;
        this.shortcut = shortcut;
    }

    @Override
    public Attachments start(
            Config host, HostRanges ranges, AuditTrail audit, LoopMetrics loops, MetricRegistry metrics) {
        var meter = new SyncMetrics(
                metrics, syncers.stream().map(each -> each.spec().name()).toList());
        KubernetesClient client = Connections.open(SyncEngine.hostConfig(host), shortcut);
        var engine = SyncEngine.start(
                client,
                syncers,
                SyncSettings.DEFAULT.withHostRanges(ranges),
                new SyncEvents(audit::unheld, Clock.systemUTC(), syncers),
                loops.meter(SyncEngine.LOOP),
                meter);
        loops.follow(engine.loop());
        meter.follow(engine);
        return new Running(client, engine, profiles, shortcut);
    }

    /// Whatever is not known to be outside counts as inside.
    static Optional<String> warning(HostRanges ranges) {
        return ranges.nameServices()
                ? Optional.empty()
                : Optional.of(
                        "the host does not name the range of its Services (ServiceCIDR, since Kubernetes 1.31): give"
                                + " it by --host-services; until then no policy and no endpoint of a tenant leads out of the"
                                + " host cluster");
    }

    /// Thread-safe.
    private static final class Running implements Attachments {
        private final KubernetesClient host;
        private final SyncEngine engine;
        private final Profiles profiles;
        private final Shortcut shortcut;
        private final Map<String, SyncedKinds> attached = new ConcurrentHashMap<>();

        Running(KubernetesClient host, SyncEngine engine, Profiles profiles, Shortcut shortcut) {
            this.host = host;
            this.engine = engine;
            this.profiles = profiles;
            this.shortcut = shortcut;
        }

        @Override
        public void attach(
                String tenant,
                Supplier<IssuedKubeconfig> kubeconfig,
                ProfileSource profile,
                boolean isRestored,
                SyncedKinds kinds) {
            if (kinds.equals(attached.put(tenant, kinds))) {
                return;
            }
            try {
                var access = new RenewedAccess(kubeconfig, Clock.systemUTC());
                engine.attach(new TenantAttachment(
                        new TenantId(tenant),
                        access,
                        shortcut,
                        1,
                        seenByPods(URI.create(access.get().getMasterUrl())),
                        isRestored,
                        new CurrentProfiles(profiles, profile),
                        kinds.syncers()));
            } catch (RuntimeException e) {
                attached.remove(tenant);
                throw e;
            }
        }

        @Override
        public void weigh(String tenant, int share) {
            engine.weigh(new TenantId(tenant), share);
        }

        /// The syncer may dial this machine's loopback address.
        private static URI seenByPods(URI dialled) {
            return ReachableAddress.of(Objects.requireNonNullElse(dialled.getHost(), ""))
                    .filter(address -> !address.isEmpty())
                    .map(address -> URI.create(dialled.getScheme() + "://" + address + ":" + dialled.getPort() + "/"))
                    .orElse(dialled);
        }

        @Override
        public Optional<Trouble> trouble(String tenant) {
            return engine.status(new TenantId(tenant))
                    .flatMap(status -> status.troubles().stream()
                            .findFirst()
                            .map(trouble -> new Trouble(trouble.reason(), trouble.message())));
        }

        @Override
        public List<KindState> kinds(String tenant) {
            var kinds = attached.getOrDefault(tenant, SyncedKinds.NONE);
            if (kinds.all().isEmpty()) {
                return List.of();
            }
            var states = engine.ownKinds(new TenantId(tenant));
            return kinds.all().stream()
                    .flatMap(kind -> states.stream()
                            .filter(state -> state.syncer().equals(kind.name()))
                            .map(state -> state(kind, kinds.leaving().contains(kind), state)))
                    .toList();
        }

        private static KindState state(CustomKind kind, boolean isLeaving, OwnKindState state) {
            var objections = new ArrayList<String>();
            if (!state.host().isEmpty()) {
                objections.add("the host " + state.host());
            }
            if (!state.tenant().isEmpty()) {
                objections.add("the tenant " + state.tenant());
            }
            return new KindState(
                    kind.definition(),
                    isLeaving,
                    String.join("; ", objections),
                    state.isNotServed() || (state.listed() && state.sent() == 0),
                    state.sent());
        }

        @Override
        public Optional<String> warning() {
            return engine.hostRanges().flatMap(SyncerAttachments::warning);
        }

        @Override
        public void release(String tenant) {
            engine.release(new TenantId(tenant));
        }

        @Override
        public void detach(String tenant) {
            if (attached.remove(tenant) != null) {
                engine.detach(new TenantId(tenant));
            }
        }

        @Override
        public void close() {
            engine.close();
            host.close();
        }
    }
}
