package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Pods: down as the isolation profile says, as a pod or a machine; up come the node, the status and the end.
@Singleton
final class PodSyncer implements Syncer<Pod> {

    private static final Set<String> VERBS = Set.of("get", "list", "watch", "create", "patch", "delete");

    private static final Duration WAIT = Duration.ofSeconds(1);

    /// How long a claim of an ephemeral volume is nothing to tell of.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PodTranslator translator;

    PodSyncer(Profiles profiles) {
        this.translator = new PodTranslator(profiles);
    }

    @Override
    public SyncSpec<Pod> spec() {
        return new SyncSpec<>(
                Kinds.POD,
                Direction.TENANT_TO_HOST,
                true,
                // the Secret is what a machine boots with; it stands alone only before and after the machine
                List.of(Kinds.POD, Kinds.MACHINE, Kinds.SECRET),
                Map.of(
                        SyncSpec.resource(Kinds.POD), VERBS,
                        SyncSpec.resource(Kinds.MACHINE), VERBS,
                        SyncSpec.resource(Kinds.SECRET), VERBS));
    }

    @Override
    public Set<Reference> references(Pod tenant, TenantView view) {
        return isFinished(tenant) ? Set.of() : Workloads.references(tenant, Kinds.namespace(tenant));
    }

    /// A policy decides which pods are open to all that the host admits; a pod waits for its ephemeral volumes'
    /// claims.
    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.NETWORK_POLICY, Kinds.CLAIM);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        return view.tenantObjects(Kinds.POD).stream()
                .filter(pod -> Kinds.namespace(pod).equals(Kinds.namespace(changed)))
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
        if (hasStarted(tenant)) {
            return List.of(new DeleteFromTenant(Kinds.POD, tenant, true, "host pod is gone"));
        }
        if (!Objects.requireNonNullElse(tenant.getSpec().getNodeName(), "").isEmpty()) {
            return refuse(tenant, new Unsupported("spec.nodeName", "the host's scheduler chooses the node"), "Failed");
        }
        var missing = EphemeralClaims.missing(tenant, view);
        if (missing.isPresent() && PodRules.refusal(tenant).isEmpty()) {
            return awaitClaim(tenant, missing.get(), view);
        }
        var services = ServiceEnvironment.of(tenant, view);
        if (services.isEmpty()) {
            return List.of(new LookAgain(WAIT, "the address of the tenant's API server"));
        }
        var foreign = EphemeralClaims.foreign(tenant, view);
        if (foreign.isPresent()) {
            return refuse(tenant, foreign.get(), "Pending");
        }
        return switch (translator.translate(tenant, view, services.get())) {
            case HostPod(var pod) -> List.of(new ApplyToHost(Kinds.POD, pod));
            case HostVirtualMachine(var machine, var data) ->
                List.of(new ApplyToHost(Kinds.SECRET, data), new ApplyToHost(Kinds.MACHINE, machine));
            case Unsupported refused -> refuse(tenant, refused, "Pending");
        };
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
        } else if (host.getMetadata().getDeletionTimestamp() == null) {
            changes.addAll(PodUpdates.of(tenant, host, translator, view));
        }
        var node = Workloads.nodeName(host);
        var bound = Objects.requireNonNullElse(tenant.getSpec().getNodeName(), "");
        if (!node.isEmpty() && bound.isEmpty()) {
            changes.add(new BindInTenant(tenant, node));
        }
        var status = HostStatus.of(tenant, host, view);
        if (!Trees.contains(Trees.of(tenant.getStatus()), status)) {
            changes.add(status(tenant, status));
        }
        return changes;
    }

    private static List<Change> hostOnly(HasMetadata host) {
        return host.getMetadata().getDeletionTimestamp() != null
                ? List.of()
                : List.of(new DeleteFromHost(kindOf(host), host, Proof.TENANT_OBJECT_GONE, "tenant pod is gone", null));
    }

    /// The tenant's controller makes it within moments; where it cannot, the pod says what it waits for.
    private static List<Change> awaitClaim(Pod tenant, String claim, TenantView view) {
        var waitingFor =
                "waiting for ephemeral volume controller to create the persistentvolumeclaim \"" + claim + "\"";
        if (view.now().isBefore(created(tenant, view).plus(PATIENCE))) {
            return List.of(new LookAgain(WAIT, waitingFor));
        }
        var status = Trees.object().put("phase", "Pending");
        condition(status, "Unschedulable", waitingFor);
        return Trees.contains(Trees.of(tenant.getStatus()), status) ? List.of() : List.of(status(tenant, status));
    }

    private static Instant created(Pod tenant, TenantView view) {
        try {
            return Instant.parse(Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), ""));
        } catch (DateTimeParseException e) {
            return view.now();
        }
    }

    private static void condition(ObjectNode status, String reason, String message) {
        status.putArray("conditions")
                .addObject()
                .put("type", "PodScheduled")
                .put("status", "False")
                .put("reason", reason)
                .put("message", message);
    }

    private static Change status(Pod tenant, ObjectNode status) {
        return new PatchTenant(Kinds.POD, tenant, "status", Trees.object().set("status", status));
    }

    /// Told where users look: an Event, and the condition that `kubectl describe` shows.
    private static List<Change> refuse(Pod tenant, Unsupported refused, String phase) {
        var message = refused.field() + ": " + refused.message();
        var status = Trees.object().put("phase", phase);
        if (phase.equals("Failed")) {
            status.put("reason", "Unsupported").put("message", message);
        }
        condition(status, "Unsupported", message);
        if (Trees.contains(Trees.of(tenant.getStatus()), status)) {
            return List.of();
        }
        var created = Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), "");
        return List.of(TenantEvents.warning(tenant, "Unsupported", message, created), status(tenant, status));
    }

    static KindRef<?> kindOf(HasMetadata host) {
        return switch (host) {
            case Pod _ -> Kinds.POD;
            case Secret _ -> Kinds.SECRET;
            default -> Kinds.MACHINE;
        };
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
