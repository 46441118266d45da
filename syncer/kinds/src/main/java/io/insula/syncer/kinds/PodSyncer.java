package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.Profiles;
import io.insula.isolation.Serving;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.SyncTrouble;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Pods: down as the isolation profile says, as a pod or a machine; up come the node, the status and the end.
@Singleton
final class PodSyncer implements Syncer<Pod> {

    private static final Set<String> VERBS = Set.of("get", "list", "watch", "create", "patch", "delete");

    private static final SyncSpec<Pod> SPEC = new SyncSpec<>(
                    Kinds.POD,
                    Direction.TENANT_TO_HOST,
                    true,
                    // the Secret is what a machine boots with; it stands alone only before and after the machine
                    List.of(Kinds.POD, Kinds.MACHINE, Kinds.SECRET),
                    Map.of(
                            SyncSpec.resource(Kinds.POD),
                            VERBS,
                            // the conditions of readiness gates, and what may change in a pod that runs
                            SyncSpec.resource(Kinds.POD) + "/status",
                            Set.of("patch"),
                            SyncSpec.resource(Kinds.POD) + "/ephemeralcontainers",
                            Set.of("patch"),
                            SyncSpec.resource(Kinds.POD) + "/resize",
                            Set.of("patch"),
                            SyncSpec.resource(Kinds.MACHINE),
                            VERBS,
                            SyncSpec.resource(Kinds.SECRET),
                            VERBS))
            .writing(Map.of(
                    SyncSpec.resource(Kinds.POD),
                    Set.of("delete"),
                    SyncSpec.resource(Kinds.POD) + "/status",
                    Set.of("patch"),
                    SyncSpec.resource(Kinds.POD) + "/binding",
                    Set.of("create")));

    private final PodTranslator translator;

    PodSyncer(Profiles profiles) {
        this.translator = new PodTranslator(profiles);
    }

    @Override
    public SyncSpec<Pod> spec() {
        return SPEC;
    }

    @Override
    public Set<Reference> references(Pod tenant, TenantView view) {
        return isFinished(tenant) ? Set.of() : Workloads.references(tenant, Kinds.namespace(tenant));
    }

    /// A policy decides which pods are open to all that the host admits; a pod waits for its ephemeral volumes'
    /// claims; it carries the labels of its namespace; what the tenant did to its Nodes says where it may go.
    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.NETWORK_POLICY, Kinds.CLAIM, Kinds.NAMESPACE, Kinds.NODE);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        if (changed instanceof Node) {
            return view.tenantObjects(Kinds.POD).stream()
                    .filter(pod -> pod.getSpec().getNodeName() == null && !isFinished(pod))
                    .map(pod -> new Reference(Kinds.POD.kind(), Kinds.namespace(pod), Kinds.name(pod)))
                    .toList();
        }
        return view.tenantObjects(Kinds.POD).stream()
                .filter(pod -> Kinds.namespace(pod)
                        .equals(changed instanceof Namespace ? Kinds.name(changed) : Kinds.namespace(changed)))
                .filter(pod -> !(changed instanceof PersistentVolumeClaim)
                        || EphemeralClaims.names(pod).anyMatch(Kinds.name(changed)::equals))
                .map(pod -> new Reference(Kinds.POD.kind(), Kinds.namespace(pod), Kinds.name(pod)))
                .toList();
    }

    @Override
    public Set<Reference> hostReferences(HasMetadata host) {
        return switch (host) {
            case Pod pod -> Workloads.references(pod, "");
            case GenericKubernetesResource machine -> Workloads.references(machine);
            default -> Set.of();
        };
    }

    @Override
    public List<Change> decide(SyncEvent<Pod> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Pod>(var tenant) -> tenantOnly(tenant, view);
            case Paired<Pod>(var tenant, Secret _) -> tenantOnly(tenant, view);
            case Paired<Pod>(var tenant, var host) -> paired(tenant, host, view);
            case HostOnly<Pod>(var host) -> hostOnly(host);
        };
    }

    private List<Change> tenantOnly(Pod tenant, TenantView view) {
        if (tenant.getMetadata().getDeletionTimestamp() != null) {
            return List.of(new DeleteFromTenant(Kinds.POD, tenant, true, "host pod is gone"));
        }
        if (isFinished(tenant) || !tenant.getSpec().getSchedulingGates().isEmpty()) {
            return List.of();
        }
        boolean isLost = view.isLostOnHost(tenant);
        if (!isLost && !hasStarted(tenant)) {
            var unrunnable = WithoutRuntime.told(tenant, view);
            if (unrunnable.isPresent()) {
                return unrunnable.get();
            }
        }
        if (!isLost && (hasStarted(tenant) || isScheduled(tenant))) {
            return List.of(new DeleteFromTenant(Kinds.POD, tenant, true, "host pod is gone"));
        }
        return Unplaced.told(tenant, view, isLost).orElseGet(() -> toHost(tenant, view, isLost));
    }

    /// What the pod becomes on the host, once all is there that it needs.
    private List<Change> toHost(Pod tenant, TenantView view, boolean isLost) {
        var missing = EphemeralClaims.missing(tenant, view);
        if (missing.isPresent() && PodRules.refusal(tenant).isEmpty()) {
            return PodNews.awaitClaim(tenant, missing.get(), view);
        }
        var services = ServiceEnvironment.of(tenant, view);
        if (services.isEmpty()) {
            return List.of(new LookAgain(PodNews.WAIT, "the address of the tenant's API server"));
        }
        var foreign = EphemeralClaims.foreign(tenant, view);
        if (foreign.isPresent()) {
            return PodNews.refuse(tenant, foreign.get(), "Pending");
        }
        var translated = translator.translate(tenant, view, services.get());
        var changes = new ArrayList<Change>();
        switch (translated.workload()) {
            case HostPod(var pod) -> {
                var made = PodTranslator.withoutEphemeral(pod);
                changes.add(new CreateOnHost(
                        Kinds.POD,
                        isLost ? RestoredPod.of(made, tenant.getSpec().getNodeName()) : made));
            }
            case HostVirtualMachine _
            when !view.isServed(Kinds.MACHINE) -> {
                // nothing of it either: the Secret would be left behind
                return PodNews.refuse(tenant, new Unsupported("spec", Serving.NO_MACHINES), "Pending");
            }
            case HostVirtualMachine(var machine, var data) -> {
                changes.add(new ApplyToHost(Kinds.SECRET, data));
                changes.add(new ApplyToHost(Kinds.MACHINE, machine));
            }
            case Unsupported refused -> {
                return PodNews.refuse(tenant, refused, "Pending");
            }
        }
        if (!translated.notes().isEmpty()) {
            changes.add(PodNotes.told(tenant, translated.notes(), PodNews.created(tenant, view)));
        }
        return changes;
    }

    /// What a tenant's pods run in by default; of the other profiles a pod hears when it asks for one.
    @Override
    public Optional<SyncTrouble> trouble(TenantView view) {
        var standard = view.profiles().standard();
        var runtimeClass = standard.runtimeClassName();
        return Serving.missing(
                        standard,
                        view.isServed(Kinds.MACHINE),
                        !runtimeClass.isEmpty()
                                && view.hostObject(Kinds.RUNTIME_CLASS, runtimeClass)
                                        .isPresent())
                .map(what -> new SyncTrouble(
                        Serving.SANDBOX_MISSING, "isolation profile \"" + standard.name() + "\": " + what));
    }

    /// The condition too, where the pod has nothing on the host whose status would say more.
    @Override
    public List<Change> refused(Pod tenant, String reason, String message, String now) {
        var told = TenantEvents.warning(tenant, reason, message, now);
        if (!Objects.requireNonNullElse(tenant.getSpec().getNodeName(), "").isEmpty()) {
            return List.of(told);
        }
        var status = Trees.object().put("phase", "Pending");
        PodNews.condition(status, reason, message);
        return Trees.contains(Trees.of(tenant.getStatus()), status)
                ? List.of(told)
                : List.of(told, PodNews.status(tenant, status));
    }

    private List<Change> paired(Pod tenant, HasMetadata host, TenantView view) {
        var changes = new ArrayList<Change>();
        if (tenant.getMetadata().getDeletionTimestamp() != null) {
            if (host.getMetadata().getDeletionTimestamp() == null) {
                changes.add(new DeleteFromHost(
                        kindOf(host),
                        host,
                        Proof.TENANT_OBJECT_TERMINATING,
                        "tenant pod is being deleted",
                        tenant.getMetadata().getDeletionGracePeriodSeconds()));
            }
        }
        var node = Workloads.nodeName(host);
        var bound = Objects.requireNonNullElse(tenant.getSpec().getNodeName(), "");
        if (!node.isEmpty() && bound.isEmpty()) {
            changes.add(new BindInTenant(tenant, node));
        }
        var updates = tenant.getMetadata().getDeletionTimestamp() == null
                        && host.getMetadata().getDeletionTimestamp() == null
                ? PodUpdates.of(tenant, host, translator, view)
                : List.<Change>of();
        var status = HostStatus.of(tenant, host, view);
        if (updates.isEmpty()) {
            HostStatus.observed(tenant, host, status);
        }
        if (HostStatus.isNews(tenant, status, !node.isEmpty())) {
            if (host instanceof GenericKubernetesResource) {
                // of a pod the host's own Events tell it
                HostStatus.waitsFor(status)
                        .ifPresent(why -> changes.add(TenantEvents.warning(
                                tenant,
                                "FailedScheduling",
                                why,
                                PodNews.created(tenant, view).toString())));
            }
            changes.add(PodNews.status(tenant, status));
        }
        if (host instanceof GenericKubernetesResource && HostStatus.isUntold(status)) {
            changes.add(new LookAgain(HostStatus.PATIENCE, "what the host says of the machine"));
        }
        // last: what the host refuses must not keep its truth from the tenant
        changes.addAll(updates);
        return changes;
    }

    private static List<Change> hostOnly(HasMetadata host) {
        return host.getMetadata().getDeletionTimestamp() != null
                ? List.of()
                : List.of(new DeleteFromHost(kindOf(host), host, Proof.TENANT_OBJECT_GONE, "tenant pod is gone", null));
    }

    static KindRef<?> kindOf(HasMetadata host) {
        return switch (host) {
            case Pod _ -> Kinds.POD;
            case Secret _ -> Kinds.SECRET;
            default -> Kinds.MACHINE;
        };
    }

    /// Whether it was bound, which is told by a condition; a pod that names its node itself has none.
    private static boolean isScheduled(Pod tenant) {
        return tenant.getSpec().getNodeName() != null
                && tenant.getStatus() != null
                && tenant.getStatus().getConditions().stream()
                        .anyMatch(each -> each.getType().equals("PodScheduled")
                                && each.getStatus().equals("True"));
    }

    private static boolean isFinished(Pod tenant) {
        var phase = tenant.getStatus() == null ? "" : tenant.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    /// Only the host's status says so; it is copied up after the pod ran somewhere.
    private static boolean hasStarted(Pod tenant) {
        return tenant.getStatus() != null && tenant.getStatus().getStartTime() != null;
    }
}
