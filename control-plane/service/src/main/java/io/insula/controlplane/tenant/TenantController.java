package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.backup.Backups;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.isolation.Profiles;
import io.insula.reconcile.Outcome.Failed;
import io.insula.tenantapi.metrics.LoopMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// Makes every `Tenant` of the host real: watches the host, has [TenantReconciler] work on whoever changed, and tells
/// how far they are. Thread-safe; work on one tenant is serial.
public final class TenantController implements RunningTenants, AutoCloseable {

    /// The loop's name in metrics.
    public static final String LOOP = TenantLoop.NAME;

    /// The name in metrics of the loop that tells of isolation profiles.
    public static final String PROFILES_LOOP = ProfileStatuses.NAME;

    private static final int PLACES = 4;
    private static final Duration PLACE_LENT = Duration.ofSeconds(10);
    private static final Duration HEALTH_PAUSE = Duration.ofSeconds(2);
    private static final Duration HEALTH_DEADLINE = Duration.ofSeconds(4);

    /// Failed so often in a row, a tenant does not keep a start waiting any more.
    private static final int PATIENCE = 5;

    private static final int NAMED = 5;

    private final Attachments attachments;
    private final TenantUnits units;
    private final TenantKubeconfigs kubeconfigs;
    private final HostPolicies policies;
    private final TenantHealth health;
    private final TenantLoop loop;
    private final HostInformers informers;
    private final ProfileStatuses profiles;
    private final EndedObjects ended;
    private final ProfileRollouts rollouts;
    private final HostDrift drift;
    private final IdleTenants idle;
    private final ProfileLookup lookup;
    private final BackupWork backups;
    private final ScheduledBackups schedule;
    private final DueRotations rotations;
    private final Map<String, List<KindState>> seenKinds = new ConcurrentHashMap<>();

    /// Starts watching tenants; returns at once, whether the host answers now or later.
    public TenantController(
            KubernetesClient host,
            TenantRuntime.Settings settings,
            Attachments attachments,
            AuditTrail audit,
            Profiles known,
            LoopMetrics metrics) {
        this.lookup = new ProfileLookup(host);
        var objects = new TenantObjects(host);
        var namespaces = new HostNamespaces(host, known);
        var kinds = new HostKinds(host);
        this.attachments = attachments;
        this.policies = namespaces.policies();
        this.units = new TenantUnits(settings, lookup, this::look);
        this.kubeconfigs = new TenantKubeconfigs(units);
        this.health = new TenantHealth(this::troubleOf, this::look, HEALTH_PAUSE, HEALTH_DEADLINE);
        var sleeps = new UnaskedEvents(audit::unheld, settings.clock());
        Backups kept = settings.openBackups();
        List<TenantStep> steps = steps(
                host,
                new RestoreStep(kept, settings.stores(), attachments, objects, health, sleeps, settings.clock()),
                objects,
                lookup,
                namespaces,
                kinds,
                attachments,
                kubeconfigs,
                audit,
                health,
                sleeps,
                this::isReady);
        var reconciler = new TenantReconciler(
                objects,
                units,
                steps,
                new TenantRemoval(host, objects, units, attachments, kinds, health, audit),
                new TenantConditions(settings.clock()),
                new TenantNews(host, settings.clock()));
        this.loop =
                new TenantLoop(PLACES, PLACE_LENT, this::need, metrics.meter(TenantLoop.NAME), reconciler::reconcile);
        metrics.follow(loop.queue());
        this.informers = new HostInformers(host, loop::add);
        this.profiles =
                new ProfileStatuses(host, known, settings.clock(), metrics.meter(ProfileStatuses.NAME), informers);
        informers.whenTenantsChange(profiles::look);
        metrics.follow(profiles.queue());
        this.ended = new EndedObjects(host, units, metrics.meter(EndedObjects.NAME));
        metrics.follow(ended.queue());
        this.rollouts = new ProfileRollouts(host, known, units, informers::tenants, lookup, settings.clock());
        this.drift = new HostDrift(host, loop::add, this::lookAtAll);
        loop.open();
        this.idle = new IdleTenants(informers::tenants, units, objects, sleeps);
        this.backups = new BackupWork(kept, units, objects, settings.clock(), this::look);
        this.schedule = new ScheduledBackups(informers::tenants, backups, sleeps, settings.clock());
        this.rotations = new DueRotations(informers::tenants, units, objects, this::look, settings.clock());
    }

    /// What makes a tenant real, in this order.
    static List<TenantStep> steps(
            KubernetesClient host,
            RestoreStep restore,
            TenantObjects objects,
            ProfileLookup lookup,
            HostNamespaces namespaces,
            HostKinds kinds,
            Attachments attachments,
            TenantKubeconfigs kubeconfigs,
            AuditTrail audit,
            TenantHealth health,
            UnaskedEvents sleeps,
            Predicate<String> isReady) {
        return List.of(
                new SuspendStep(restore.clock()),
                new AcceptStep(lookup),
                new AuthenticationStep(),
                new FinalizerStep(objects),
                new NamespaceStep(namespaces, lookup, isReady),
                new KindsStep(kinds, attachments, restore.clock()),
                restore,
                new RotateStep(attachments, objects, sleeps, restore.clock()),
                new SleepStep(attachments, objects, health, sleeps),
                new EtcdStep(),
                new CopyStep(),
                new ServerStep(host, audit, health),
                new AttachStep(attachments, kubeconfigs),
                new ReleaseStep(attachments, objects),
                new HealthStep(health));
    }

    /// The profiles that a tenant has on the host, whether it runs or not.
    public ProfileSource profilesOf(String tenant) {
        return lookup.of(tenant);
    }

    /// Which tenants a start waits for; empty once every tenant that the host has now is ready, or has been tried and
    /// waits for something that may take long.
    public String unsettled() {
        if (!informers.hasSynced()) {
            return "the host's list of tenants";
        }
        List<Tenant> all = informers.tenants();
        Map<String, String> stuck = stuck();
        List<String> missing = all.stream()
                .filter(tenant -> !isRefused(tenant))
                .map(TenantObjects::nameOf)
                .filter(name -> !isReady(name) && !isAsleep(name) && !stuck.containsKey(name))
                .sorted()
                .toList();
        if (missing.isEmpty()) {
            return "";
        }
        String named = String.join(", ", missing.subList(0, Math.min(NAMED, missing.size())));
        return missing.size() + " of " + all.size() + ": " + named + (missing.size() > NAMED ? ", ..." : "");
    }

    /// Tenants that do not become ready soon (their files are damaged, their port is taken, their etcd does not
    /// start or does not answer), and why.
    public Map<String, String> stuck() {
        var all = new TreeMap<String, String>();
        units.names().forEach(name -> stuckBecause(name).ifPresent(why -> all.put(name, why)));
        return all;
    }

    private Optional<String> stuckBecause(String name) {
        return health.of(name)
                .map(Trouble::message)
                .or(() -> units.find(name)
                        .map(TenantUnit::last)
                        .filter(Failed.class::isInstance)
                        .map(Failed.class::cast)
                        .filter(failed ->
                                !failed.reason().equals(TenantReconciler.RETRYING) || loop.failures(name) >= PATIENCE)
                        .map(Failed::message));
    }

    /// Whether the tenant's server and etcd answer now, and the host carries what it has.
    @Override
    public boolean isReady(String tenant) {
        return units.find(tenant).filter(unit -> unit.runtime().isReady()).isPresent()
                && health.of(tenant).isEmpty();
    }

    @Override
    public boolean isAsleep(String tenant) {
        return units.find(tenant).filter(unit -> unit.runtime().isAsleep()).isPresent();
    }

    @Override
    public IssuedKubeconfig kubeconfig(String tenant, String user, List<String> groups, Duration validity) {
        return kubeconfigs.issue(tenant, user, groups, validity);
    }

    @Override
    public List<Credential> issued(String tenant) {
        return units.of(tenant).runtime().issued();
    }

    @Override
    public Credential revoke(String tenant, String serial) {
        Credential revoked = units.of(tenant).runtime().revoke(serial);
        look(tenant);
        return revoked;
    }

    @Override
    public List<Credential> outdated(String tenant) {
        // whose keys are still to come of a backup must get none by a question
        return units.find(tenant)
                .map(TenantUnit::runtime)
                .filter(TenantRuntime::hasBegun)
                .map(runtime -> runtime.keys().outdated())
                .orElse(List.of());
    }

    @Override
    public Optional<List<ObjectNode>> pods(String tenant) {
        return units.find(tenant).flatMap(unit -> unit.runtime().pods());
    }

    @Override
    public TenantBackups backups() {
        return backups;
    }

    /// Stops all tenants; their objects stay.
    @Override
    public void close() {
        rotations.close();
        schedule.close();
        idle.close();
        drift.close();
        profiles.close();
        rollouts.close();
        ended.close();
        informers.close();
        health.close();
        loop.close();
        units.names().forEach(attachments::detach);
        units.closeAll();
    }

    /// How far its custom kinds are is told beside, as it makes no tenant sick.
    private Optional<Trouble> troubleOf(String name) {
        List<KindState> kinds = attachments.kinds(name);
        if (!kinds.equals(seenKinds.put(name, kinds))) {
            look(name);
        }
        return units.find(name).flatMap(unit -> unit.runtime().trouble()).or(() -> attachments.trouble(name));
    }

    private void look(String name) {
        loop.add(name);
    }

    private void lookAtAll() {
        policies.lookAgain();
        profiles.look();
        informers.tenants().forEach(tenant -> loop.add(TenantObjects.nameOf(tenant)));
    }

    /// Who is needed first: tenants that were in use before, then others; those on their way out can wait.
    private int need(String name) {
        return informers
                .tenant(name)
                .filter(tenant -> !tenant.isMarkedForDeletion())
                .map(tenant -> has(tenant, TenantCondition.PROVISIONED, true) ? 0 : 1)
                .orElse(2);
    }

    private static boolean isRefused(Tenant tenant) {
        return tenant.isMarkedForDeletion() || has(tenant, TenantCondition.ACCEPTED, false);
    }

    private static boolean has(Tenant tenant, String condition, boolean holds) {
        return Optional.ofNullable(tenant.getStatus())
                .flatMap(status -> status.condition(condition))
                .filter(known -> known.holds() == holds)
                .isPresent();
    }
}
