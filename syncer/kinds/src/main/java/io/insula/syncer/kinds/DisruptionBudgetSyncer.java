package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Disruption budgets: who drains a host node must leave a tenant the pods that it needs. On the host it is always
/// a number of pods that must be healthy: shares, and pods that may be missing, are counted by the pods' controllers,
/// which only the tenant has. Its own controller says the number (`status.desiredHealthy`); until it
/// has, no pod may go. The status stays the tenant's own.
///
/// Source: Kubernetes documentation, "Specifying a Disruption Budget for your Application", "Arbitrary workloads and
/// arbitrary selectors".
@Singleton
final class DisruptionBudgetSyncer implements Syncer<PodDisruptionBudget> {

    private static final SyncSpec<PodDisruptionBudget> SPEC =
            SyncSpec.tenantToHost(PodDisruptionBudget.class, "get", "list", "watch", "create", "patch", "delete");

    @Override
    public SyncSpec<PodDisruptionBudget> spec() {
        return SPEC;
    }

    /// As long as the tenant's controller has not counted, the pods are counted here.
    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.POD);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        return view.tenantObjects(Kinds.DISRUPTION_BUDGET).stream()
                .filter(budget -> Kinds.namespace(budget).equals(Kinds.namespace(changed)) && !isCounted(budget))
                .map(budget ->
                        new Reference(Kinds.DISRUPTION_BUDGET.kind(), Kinds.namespace(budget), Kinds.name(budget)))
                .toList();
    }

    /// One without a selector is for no pod.
    @Override
    public boolean needsHost(PodDisruptionBudget tenant, TenantView view) {
        return tenant.getSpec() != null && tenant.getSpec().getSelector() != null;
    }

    @Override
    public Set<String> exactOnHost() {
        return Set.of("/spec");
    }

    @Override
    public List<Change> decide(SyncEvent<PodDisruptionBudget> event, TenantView view) {
        return switch (event) {
            case TenantOnly<PodDisruptionBudget>(var tenant) ->
                needsHost(tenant, view) ? List.of(apply(tenant, view)) : List.of();
            case Paired<PodDisruptionBudget>(var tenant, var host) ->
                needsHost(tenant, view)
                        ? List.of(apply(tenant, view))
                        : List.of(new DeleteFromHost(
                                Kinds.DISRUPTION_BUDGET,
                                host,
                                Proof.TENANT_OBJECT_NEEDS_NONE,
                                "it selects no pod",
                                null));
            case HostOnly<PodDisruptionBudget>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.DISRUPTION_BUDGET, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private static Change apply(PodDisruptionBudget tenant, TenantView view) {
        var own = tenant.getSpec();
        var host = new PodDisruptionBudgetBuilder()
                .withMetadata(Kinds.withLabels(
                        view.names().hostMeta(Kinds.DISRUPTION_BUDGET.kind(), tenant),
                        tenant.getMetadata().getLabels()))
                .withNewSpec()
                .withSelector(PolicyPeers.pods(own.getSelector(), Kinds.namespace(tenant), view.names()))
                .withMinAvailable(new IntOrString(
                        isCounted(tenant) ? tenant.getStatus().getDesiredHealthy() : selected(tenant, view)))
                .withUnhealthyPodEvictionPolicy(own.getUnhealthyPodEvictionPolicy())
                .endSpec()
                .build();
        return new ApplyToHost(Kinds.DISRUPTION_BUDGET, host);
    }

    /// Whether the tenant's controller has seen the budget as it is, and its pods.
    private static boolean isCounted(PodDisruptionBudget tenant) {
        var status = tenant.getStatus();
        return status != null
                && status.getDesiredHealthy() != null
                && Objects.equals(
                        status.getObservedGeneration(), tenant.getMetadata().getGeneration())
                && status.getConditions().stream()
                        .noneMatch(condition -> "DisruptionAllowed".equals(condition.getType())
                                && "SyncFailed".equals(condition.getReason()));
    }

    private static int selected(PodDisruptionBudget tenant, TenantView view) {
        return (int) view.tenantObjects(Kinds.POD).stream()
                .filter(pod -> Kinds.namespace(pod).equals(Kinds.namespace(tenant)))
                .filter(pod -> matches(tenant, pod))
                .count();
    }

    private static boolean matches(PodDisruptionBudget tenant, Pod pod) {
        return Selectors.matches(
                tenant.getSpec().getSelector(), pod.getMetadata().getLabels());
    }
}
