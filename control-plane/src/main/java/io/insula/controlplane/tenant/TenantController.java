package io.insula.controlplane.tenant;

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
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.process.ChildException;
import io.insula.controlplane.tenant.Clusters.Role.Guest;
import io.insula.controlplane.tenant.Outcome.RequeueAfter;
import io.insula.controlplane.tenant.Outcome.Settled;
import io.insula.controlplane.tenant.Outcome.Terminal;
import io.insula.tenantapi.api.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
public final class TenantController implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantController.class);
    private static final Duration RESYNC = Duration.ofMinutes(5);
    private static final Duration SOON = Duration.ofMillis(300);
    private static final int WORKERS = 4;

    private final KubernetesClient host;
    private final TenantRuntime.Settings settings;
    private final Attachments attachments;
    private final AuditTrail audit;
    private final Map<String, TenantRuntime> runtimes = new ConcurrentHashMap<>();
    private final Map<String, ProfileSource> profiles = new ConcurrentHashMap<>();
    private final Map<String, String> stuck = new ConcurrentHashMap<>();
    private final HostNamespaces namespaces;
    private final HostDrift drift;
    private final TenantLoop loop;
    private final SharedIndexInformer<Tenant> informer;
    private final List<Step> steps;

    private record Step(String condition, Function<Tenant, Outcome> work) {}

    /// Starts watching tenants; returns at once.
    public TenantController(
            KubernetesClient host, TenantRuntime.Settings settings, Attachments attachments, AuditTrail audit) {
        this.host = host;
        this.settings = settings;
        this.attachments = attachments;
        this.audit = audit;
        this.namespaces = new HostNamespaces(host);
        this.loop = new TenantLoop(WORKERS, this::reconcile);
        this.steps = List.of(
                new Step(TenantCondition.ACCEPTED, this::accept),
                new Step(TenantCondition.ACCEPTED, this::authenticate),
                new Step(TenantCondition.PROVISIONED, this::holdWithFinalizer),
                new Step(TenantCondition.PROVISIONED, this::makeNamespace),
                new Step(TenantCondition.PROVISIONED, this::startEtcd),
                new Step(TenantCondition.READY, this::startServer),
                new Step(TenantCondition.READY, this::attach));
        this.informer = host.resources(Tenant.class).inform(new EnqueueNames(), RESYNC.toMillis());
        this.drift = new HostDrift(host, loop::add, this::lookAgain);
    }

    /// Whether every tenant that the host has now is ready, or has been tried and waits for a person.
    public boolean isSettled() {
        return informer.hasSynced()
                && informer.getStore().list().stream()
                        .allMatch(t -> isReady(name(t)) || isRefused(t) || stuck.containsKey(name(t)));
    }

    /// Tenants that need a person (their files are damaged, their port is taken, their etcd does not start),
    /// and why.
    public Map<String, String> stuck() {
        return new TreeMap<>(stuck);
    }

    /// Whether the tenant's server and etcd answer now.
    public boolean isReady(String tenant) {
        TenantRuntime runtime = runtimes.get(tenant);
        return runtime != null && runtime.isReady();
    }

    /// A new kubeconfig for a user of a running tenant.
    ///
    /// @throws IllegalStateException when the tenant does not run here
    public String kubeconfig(String tenant, String user, List<String> groups, Duration validity) {
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

    private static String kubeconfig(
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
                .toYaml();
    }

    /// Stops all tenants; their objects stay.
    @Override
    public void close() {
        drift.close();
        informer.close();
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
            stuck.remove(name);
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
            }
            return outcome;
        } catch (HomeException | ChildException e) {
            stuck.put(name(tenant), String.valueOf(e.getMessage()));
            LOG.atWarn()
                    .addKeyValue("tenant", name(tenant))
                    .addKeyValue("cause", e.getMessage())
                    .log("tenant waits");
            return new RequeueAfter(Duration.ofSeconds(10), String.valueOf(e.getMessage()));
        }
    }

    private TenantCondition condition(Tenant tenant, String type, Outcome outcome) {
        Long generation = tenant.getMetadata().getGeneration();
        var now = settings.clock().instant();
        return switch (outcome) {
            case Settled _ -> TenantCondition.of(type, true, generation, now, type, "");
            case RequeueAfter(Duration _, String waitingFor) ->
                TenantCondition.of(type, false, generation, now, "Waiting", waitingFor);
            case Terminal(String reason, String message) ->
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
        boolean ready = wanted.condition(TenantCondition.READY)
                .filter(TenantCondition::holds)
                .isPresent();
        LOG.atInfo()
                .addKeyValue("tenant", name(tenant))
                .addKeyValue("ready", ready)
                .log("tenant changed");
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
        return runtime(tenant).isReady()
                ? new Settled()
                : new RequeueAfter(SOON, runtime(tenant).readOnlyBecause().orElse("the API server's readiness"));
    }

    private Outcome attach(Tenant tenant) {
        String name = name(tenant);
        attachments.attach(name, () -> syncerKubeconfig(name), profileOf(name));
        return new Settled();
    }

    private String syncerKubeconfig(String tenant) {
        TenantRuntime runtime = running(tenant);
        return kubeconfig(
                tenant,
                runtime,
                runtime.localEndpoint(),
                "insula-syncer",
                List.of(ClusterPki.MASTERS),
                CertificateSpec.LONG);
    }

    private Outcome remove(Tenant tenant) {
        String name = name(tenant);
        attachments.detach(name);
        if (Tenancy.checkName(name).isEmpty()) {
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
        stuck.remove(name);
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
}
