package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.tenant.Clusters.Role.Guest;
import io.insula.isolation.Profiles;
import io.insula.process.ChildException;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.RequeueAfter;
import io.insula.reconcile.Outcome.Settled;
import io.insula.reconcile.Outcome.Terminal;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.metrics.LoopMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes every `Tenant` of the host real, step by step; the first step that is not settled answers, and its answer
/// becomes
/// the status. Thread-safe; work on one tenant is serial.
public final class TenantController implements RunningTenants, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantController.class);
    private static final Duration RESYNC = Duration.ofMinutes(5);
    private static final Duration SOON = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final int PLACES = 4;
    private static final Duration PLACE_LENT = Duration.ofSeconds(10);
    private static final Duration HEALTH_PAUSE = Duration.ofSeconds(2);
    private static final Duration HEALTH_DEADLINE = Duration.ofSeconds(4);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

    /// Failed so often in a row, a tenant does not keep a start waiting any more.
    private static final int PATIENCE = 5;

    private static final int NAMED = 5;

    private final KubernetesClient host;
    private final TenantRuntime.Settings settings;
    private final Attachments attachments;
    private final AuditTrail audit;
    private final Map<String, TenantRuntime> runtimes = new ConcurrentHashMap<>();
    private final Map<String, ProfileSource> profiles = new ConcurrentHashMap<>();
    private final Map<String, String> stuck = new ConcurrentHashMap<>();
    private final HostNamespaces namespaces;
    private final HostDrift drift;
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final TenantLoop loop;
    private final TenantHealth health;
    private final SharedIndexInformer<Tenant> informer;
    private final SharedIndexInformer<Namespace> namespaceInformer;
    private final List<Step> steps;

    private record Step(String condition, Function<Tenant, Outcome> work) {}

    /// Starts watching tenants; returns at once, whether the host answers now or later.
    public TenantController(
            KubernetesClient host,
            TenantRuntime.Settings settings,
            Attachments attachments,
            AuditTrail audit,
            Profiles known,
            LoopMetrics metrics) {
        this.host = host;
        this.settings = settings;
        this.attachments = attachments;
        this.audit = audit;
        this.namespaces = new HostNamespaces(host, known);
        this.loop = new TenantLoop(PLACES, PLACE_LENT, this::need, metrics.meter(TenantLoop.NAME), this::reconcile);
        metrics.follow(loop.queue());
        this.health = new TenantHealth(this::troubleOf, loop::add, HEALTH_PAUSE, HEALTH_DEADLINE);
        this.steps = List.of(
                new Step(TenantCondition.ACCEPTED, this::accept),
                new Step(TenantCondition.ACCEPTED, this::authenticate),
                new Step(TenantCondition.PROVISIONED, this::holdWithFinalizer),
                new Step(TenantCondition.PROVISIONED, this::keepNamespace),
                new Step(TenantCondition.PROVISIONED, this::startEtcd),
                new Step(TenantCondition.READY, this::startServer),
                new Step(TenantCondition.READY, this::attach),
                new Step(TenantCondition.READY, this::stayHealthy));
        this.informer = host.resources(Tenant.class).runnableInformer(RESYNC.toMillis());
        start(informer, new EnqueueNames());
        this.namespaceInformer =
                host.namespaces().withLabel(Tenancy.TENANT_LABEL).runnableInformer(RESYNC.toMillis());
        start(namespaceInformer, new EnqueueOwners());
        this.drift = new HostDrift(host, loop::add, this::lookAgain);
    }

    /// The first list is tried again like any other, until it succeeds.
    private static <T extends HasMetadata> void start(
            SharedIndexInformer<T> informer, ResourceEventHandler<T> handler) {
        informer.exceptionHandler((_, _) -> true);
        informer.addEventHandler(handler);
        informer.start().exceptionally(e -> {
            LOG.atWarn().setCause(e).log("the host cannot be listed yet; it is tried again");
            return null;
        });
    }

    /// Which tenants a start waits for; empty once every tenant that the host has now is ready, or has been tried and
    /// waits for something that may take long.
    public String unsettled() {
        if (!informer.hasSynced()) {
            return "the host's list of tenants";
        }
        List<Tenant> all = informer.getStore().list();
        List<String> missing = all.stream()
                .filter(t -> !isReady(name(t)) && !isRefused(t) && !stuck().containsKey(name(t)))
                .map(TenantController::name)
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
        var all = new TreeMap<>(stuck);
        runtimes.keySet().forEach(name -> health.of(name).ifPresent(trouble -> all.put(name, trouble.message())));
        return all;
    }

    /// Whether the tenant's server and etcd answer now, and the host carries what it has.
    @Override
    public boolean isReady(String tenant) {
        TenantRuntime runtime = runtimes.get(tenant);
        return runtime != null && runtime.isReady() && health.of(tenant).isEmpty();
    }

    /// Who is needed first: tenants that were in use before, then others; those on their way out can wait.
    private int need(String name) {
        Tenant tenant = informer.getStore().getByKey(name);
        if (tenant == null || tenant.isMarkedForDeletion()) {
            return 2;
        }
        return wasReady(tenant) ? 0 : 1;
    }

    private static boolean wasReady(Tenant tenant) {
        return Optional.ofNullable(tenant.getStatus())
                .flatMap(status -> status.condition(TenantCondition.PROVISIONED))
                .filter(TenantCondition::holds)
                .isPresent();
    }

    private Optional<Trouble> troubleOf(String name) {
        TenantRuntime runtime = runtimes.get(name);
        return (runtime == null ? Optional.<Trouble>empty() : runtime.trouble()).or(() -> attachments.trouble(name));
    }

    @Override
    public IssuedKubeconfig kubeconfig(String tenant, String user, List<String> groups, Duration validity) {
        TenantRuntime runtime = running(tenant);
        return kubeconfig(tenant, runtime, runtime.endpoint(), user, groups, validity);
    }

    private TenantRuntime running(String tenant) {
        TenantRuntime runtime = runtimes.get(tenant);
        if (runtime == null) {
            throw new IllegalStateException("tenant \"" + tenant + "\" does not run yet");
        }
        return runtime;
    }

    private static IssuedKubeconfig kubeconfig(
            String tenant,
            TenantRuntime runtime,
            String endpoint,
            String user,
            List<String> groups,
            Duration validity) {
        ClusterPki pki = runtime.pki();
        return new Kubeconfig(
                        Tenancy.hostNamespace(tenant),
                        endpoint,
                        pki.authority().certificatePem(),
                        user,
                        pki.issueUser(user, groups, validity))
                .issued();
    }

    /// Stops all tenants; their objects stay.
    @Override
    public void close() {
        drift.close();
        informer.close();
        namespaceInformer.close();
        health.close();
        loop.close();
        runtimes.keySet().forEach(attachments::detach);
        try (var closers = Executors.newVirtualThreadPerTaskExecutor()) {
            runtimes.values().forEach(r -> closers.execute(r::close));
        }
        runtimes.clear();
    }

    private Outcome reconcile(String name) {
        Tenant tenant = host.resources(Tenant.class).withName(name).get();
        if (tenant == null) {
            // Gone without our finalizer having been asked: stop what runs, but never throw data away unasked.
            attachments.detach(name);
            forget(name);
            Optional.ofNullable(runtimes.remove(name)).ifPresent(TenantRuntime::close);
            return new Settled();
        }
        if (tenant.isMarkedForDeletion()) {
            return tenant.hasFinalizer(Tenancy.FINALIZER) ? remove(tenant) : new Settled();
        }
        return advance(tenant);
    }

    private Outcome advance(Tenant tenant) {
        TenantStatus status = tenant.getStatus() == null ? TenantStatus.EMPTY : tenant.getStatus();
        TenantRuntime known = runtimes.get(name(tenant));
        if ((known == null || !known.isStarted()) && holds(status, TenantCondition.READY)) {
            // What an earlier run wrote is not so any more, and the start may take its time.
            var starting = new RequeueAfter(Duration.ofMillis(1), "Starting", "the API server is being started");
            write(tenant, status.with(condition(tenant, TenantCondition.READY, starting)));
            return starting;
        }
        var open =
                new ArrayList<>(List.of(TenantCondition.ACCEPTED, TenantCondition.PROVISIONED, TenantCondition.READY));
        Outcome outcome = new Settled();
        for (Step step : steps) {
            outcome = attempt(step, tenant);
            if (!(outcome instanceof Settled)) {
                while (!open.getFirst().equals(step.condition())) {
                    status = status.with(condition(tenant, open.removeFirst(), new Settled()));
                }
                break;
            }
        }
        for (String type : open) {
            status = status.with(condition(tenant, type, outcome));
        }
        write(
                tenant,
                status.observing(
                        tenant.getMetadata().getGeneration(),
                        Tenancy.hostNamespace(name(tenant)),
                        runtimes.containsKey(name(tenant)) ? runtime(tenant).endpoint() : null));
        return outcome;
    }

    /// A failure that a person must see goes to the status as well as to the retry.
    private Outcome attempt(Step step, Tenant tenant) {
        try {
            Outcome outcome = step.work().apply(tenant);
            if (step.condition().equals(TenantCondition.READY)) {
                stuck.remove(name(tenant));
                failures.remove(name(tenant));
            }
            return outcome;
        } catch (HomeException e) {
            return waits(tenant, new Trouble("HomeDamaged", String.valueOf(e.getMessage())), LONG);
        } catch (ChildException e) {
            return waits(tenant, runtime(tenant).etcdTrouble(e), LONG);
        } catch (RuntimeException e) {
            return again(tenant, e);
        }
    }

    private Outcome waits(Tenant tenant, Trouble trouble, Duration delay) {
        stuck.put(name(tenant), trouble.message());
        LOG.atWarn()
                .addKeyValue("tenant", name(tenant))
                .addKeyValue("cause", trouble.message())
                .log("tenant waits");
        return new RequeueAfter(delay, trouble.reason(), trouble.message());
    }

    /// A slow store, a host that is away: most likely the next attempt succeeds.
    private Outcome again(Tenant tenant, RuntimeException failure) {
        int times = failures.merge(name(tenant), 1, Integer::sum);
        Duration delay = RETRY.after(times);
        String message = String.valueOf(failure.getMessage());
        if (times >= PATIENCE) {
            stuck.put(name(tenant), message);
        }
        LOG.atWarn()
                .addKeyValue("tenant", name(tenant))
                .addKeyValue("retryIn", delay)
                .setCause(failure)
                .log("a step of the tenant failed; it is tried again");
        return new RequeueAfter(delay, "Retrying", message);
    }

    private TenantCondition condition(Tenant tenant, String type, Outcome outcome) {
        Long generation = tenant.getMetadata().getGeneration();
        var now = settings.clock().instant();
        return switch (outcome) {
            case Settled _ -> TenantCondition.of(type, true, generation, now, type, "");
            case RequeueAfter(Duration _, String reason, String waitingFor) ->
                TenantCondition.of(type, false, generation, now, reason, waitingFor);
            case Terminal(String reason, String message) ->
                TenantCondition.of(type, false, generation, now, reason, message);
            case Outcome.Failed(String reason, String message, RuntimeException _) ->
                TenantCondition.of(type, false, generation, now, reason, message);
        };
    }

    private void write(Tenant tenant, TenantStatus wanted) {
        if (wanted.equals(tenant.getStatus())) {
            return;
        }
        // A merge patch of the whole status: a computed difference would build on defaults that the host does
        // not have.
        String patch =
                Json.object().set("status", Json.MAPPER.valueToTree(wanted)).toString();
        host.resources(Tenant.class)
                .withName(name(tenant))
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        boolean ready = holds(wanted, TenantCondition.READY);
        LOG.atInfo()
                .addKeyValue("tenant", name(tenant))
                .addKeyValue("ready", ready)
                .log("tenant changed");
    }

    private static boolean holds(TenantStatus status, String type) {
        return status.condition(type).filter(TenantCondition::holds).isPresent();
    }

    private Outcome accept(Tenant tenant) {
        Optional<String> wrong = Tenancy.checkName(name(tenant));
        if (wrong.isPresent()) {
            return new Terminal("InvalidName", wrong.get());
        }
        try {
            tenant.getSpec().tenantLimits();
        } catch (IllegalArgumentException e) {
            return new Terminal("InvalidLimits", "spec." + e.getMessage());
        }
        return Stream.concat(Stream.of(tenant.getSpec().profile()), tenant.getSpec().allowed().stream())
                .filter(profile -> findProfile(profile).isEmpty())
                .filter(_ -> !runtimes.containsKey(name(tenant)))
                .<Outcome>map(profile ->
                        new Terminal("UnknownProfile", "isolation profile \"" + profile + "\" does not exist"))
                .findFirst()
                .orElseGet(Settled::new);
    }

    /// What makes no sense leaves a running server as it is, and lets no new one start.
    private Outcome authenticate(Tenant tenant) {
        try {
            TenantRuntime running = runtimes.get(name(tenant));
            if (running == null) {
                tenant.getSpec().authenticationConfig();
            } else {
                running.authenticateBy(tenant.getSpec());
            }
            return new Settled();
        } catch (IllegalArgumentException e) {
            return new Terminal("InvalidAuthentication", "spec.authentication: " + e.getMessage());
        }
    }

    private Outcome holdWithFinalizer(Tenant tenant) {
        if (!tenant.hasFinalizer(Tenancy.FINALIZER)) {
            host.resources(Tenant.class).withName(name(tenant)).edit(current -> {
                current.addFinalizer(Tenancy.FINALIZER);
                return current;
            });
        }
        return new Settled();
    }

    /// The namespace of a tenant that runs may be taken away by hand: then it is made again, and the syncer restores
    /// what ran in it.
    private Outcome keepNamespace(Tenant tenant) {
        Outcome outcome = makeNamespace(tenant);
        if (outcome instanceof RequeueAfter(Duration delay, String _, String waitingFor) && isReady(name(tenant))) {
            return new RequeueAfter(
                    delay,
                    "HostNamespaceGone",
                    "the host namespace was removed; nothing is deleted in the tenant, the namespace is made again and"
                            + " what ran in it is restored; waits for " + waitingFor);
        }
        return outcome;
    }

    private Outcome makeNamespace(Tenant tenant) {
        return namespaces.ensure(tenant, readProfile(name(tenant)));
    }

    private void lookAgain() {
        namespaces.policies().lookAgain();
        informer.getStore().list().forEach(tenant -> loop.add(name(tenant)));
    }

    private Outcome startEtcd(Tenant tenant) {
        runtime(tenant).startEtcd();
        return new Settled();
    }

    private Outcome startServer(Tenant tenant) {
        runtime(tenant).authenticateBy(tenant.getSpec());
        runtime(tenant).startServer(new Guest(profileOf(name(tenant)), host), audit.sink(name(tenant)));
        if (runtime(tenant).isReady()) {
            return new Settled();
        }
        health.watch(name(tenant));
        return health.of(name(tenant))
                .<Outcome>map(trouble -> new RequeueAfter(LONG, trouble.reason(), trouble.message()))
                .orElseGet(() -> new RequeueAfter(SOON, "the API server's readiness"));
    }

    private Outcome attach(Tenant tenant) {
        String name = name(tenant);
        attachments.attach(name, () -> syncerKubeconfig(name), profileOf(name));
        if (tenant.getMetadata().getAnnotations() != null
                && tenant.getMetadata().getAnnotations().containsKey(Tenancy.RELEASE_DELETES)) {
            attachments.release(name);
            host.resources(Tenant.class).withName(name).edit(current -> {
                current.getMetadata().getAnnotations().remove(Tenancy.RELEASE_DELETES);
                return current;
            });
        }
        return new Settled();
    }

    /// What is watched from here on answers by itself: a change of its state brings the tenant back.
    private Outcome stayHealthy(Tenant tenant) {
        health.watch(name(tenant));
        return health.of(name(tenant))
                .<Outcome>map(trouble -> new RequeueAfter(LONG, trouble.reason(), trouble.message()))
                .orElseGet(Settled::new);
    }

    private void forget(String name) {
        health.forget(name);
        stuck.remove(name);
        failures.remove(name);
    }

    private String syncerKubeconfig(String tenant) {
        TenantRuntime runtime = running(tenant);
        return kubeconfig(
                        tenant,
                        runtime,
                        runtime.localEndpoint(),
                        "insula-syncer",
                        List.of(ClusterPki.MASTERS),
                        CertificateSpec.LONG)
                .yaml();
    }

    private Outcome remove(Tenant tenant) {
        String name = name(tenant);
        attachments.detach(name);
        health.forget(name);
        if (Tenancy.isWellFormed(name)) {
            runtime(tenant).destroy();
            runtimes.remove(name);
            profiles.remove(name);
            Namespace namespace =
                    host.namespaces().withName(Tenancy.hostNamespace(name)).get();
            if (namespace != null && HostNamespaces.isOwned(namespace, name)) {
                if (!namespace.isMarkedForDeletion()) {
                    host.resource(namespace).delete();
                }
                return new RequeueAfter(SOON, "the end of the host namespace");
            }
        }
        host.resources(Tenant.class).withName(name).edit(current -> {
            current.removeFinalizer(Tenancy.FINALIZER);
            return current;
        });
        forget(name);
        audit.release(name);
        LOG.atInfo().addKeyValue("tenant", name).log("tenant is gone");
        return new Settled();
    }

    private ProfileSource profileOf(String tenant) {
        return profiles.computeIfAbsent(tenant, t -> new CachedProfile(readProfile(t), settings.clock()));
    }

    private ProfileSource readProfile(String tenant) {
        return () -> {
            Tenant current = host.resources(Tenant.class).withName(tenant).get();
            TenantSpec spec = current == null ? new TenantSpec("") : current.getSpec();
            var standard = findProfile(spec.profile())
                    .orElseThrow(() ->
                            new IllegalStateException("isolation profile \"" + spec.profile() + "\" does not exist"));
            // one that is gone is not allowed any more
            return new ProfileSource.Choice(
                    standard,
                    spec.allowed().stream()
                            .flatMap(name -> findProfile(name).stream())
                            .toList(),
                    spec.tenantLimits());
        };
    }

    private Optional<ProfileSource.Profile> findProfile(String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(host.resources(IsolationProfileResource.class)
                        .withName(name)
                        .get())
                .map(resource -> new ProfileSource.Profile(name, resource.getSpec()));
    }

    private TenantRuntime runtime(Tenant tenant) {
        return runtimes.computeIfAbsent(name(tenant), n -> TenantRuntime.ofTenant(n, settings));
    }

    private static boolean isRefused(Tenant tenant) {
        return tenant.isMarkedForDeletion()
                || Optional.ofNullable(tenant.getStatus())
                        .flatMap(s -> s.condition(TenantCondition.ACCEPTED))
                        .filter(c -> !c.holds())
                        .isPresent();
    }

    private static String name(Tenant tenant) {
        return tenant.getMetadata().getName();
    }

    private final class EnqueueNames implements ResourceEventHandler<Tenant> {
        @Override
        public void onAdd(Tenant tenant) {
            loop.add(name(tenant));
        }

        @Override
        public void onUpdate(Tenant old, Tenant current) {
            loop.add(name(current));
        }

        @Override
        public void onDelete(Tenant tenant, boolean finalStateUnknown) {
            loop.add(name(tenant));
        }
    }

    /// By the namespaces that the host has for tenants.
    private final class EnqueueOwners implements ResourceEventHandler<Namespace> {
        @Override
        public void onAdd(Namespace namespace) {
            // made by us, or known before
        }

        @Override
        public void onUpdate(Namespace old, Namespace current) {
            if (current.isMarkedForDeletion()) {
                loop.add(owner(current));
            }
        }

        @Override
        public void onDelete(Namespace namespace, boolean finalStateUnknown) {
            loop.add(owner(namespace));
        }

        private static String owner(Namespace namespace) {
            return Objects.requireNonNullElse(
                    namespace.getMetadata().getLabels().get(Tenancy.TENANT_LABEL), "");
        }
    }
}
