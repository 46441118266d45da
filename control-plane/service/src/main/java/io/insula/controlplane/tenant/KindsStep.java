package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import io.insula.syncer.custom.CustomKind;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Kinds of somebody else's that a rule of the spec sends to the host, or shows the tenant: the syncer is given
/// what it needs for them on both sides, and the condition says how far they are. None of them keeps a tenant
/// from being ready.
record KindsStep(HostKinds kinds, Attachments attachments, InstantSource clock) implements TenantStep {

    static final String NOT_SERVED = "NotServed";
    static final String LEAVING = "Leaving";
    static final String SYNCED = "Synced";
    static final String NONE = "None";

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        var states = attachments.kinds(name);
        var gone = states.stream()
                .filter(state -> state.isLeaving() && state.isGone())
                .map(KindState::definition)
                .toList();
        var now = kinds.ensure(name, tenant.getSpec().customKinds(), gone);
        unit.sync(now);
        if (!now.all().isEmpty() || isTold(tenant)) {
            unit.tell(told(tenant, now, states));
        }
        return Outcome.SETTLED;
    }

    private TenantCondition told(Tenant tenant, SyncedKinds now, List<KindState> states) {
        String objections = now.rules().stream()
                .flatMap(rule -> state(rule, states).stream())
                .map(KindState::objection)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
        String leaving = now.leaving().stream()
                .map(kind -> kind.definition() + " is not synced any more: "
                        + state(kind, states)
                                .map(state -> state.sent() + " of its objects are still to go from " + sentTo(kind))
                                .orElse("its objects go from " + sentTo(kind) + " when the tenant runs"))
                .collect(Collectors.joining("; "));
        if (!objections.isEmpty()) {
            return condition(tenant, false, NOT_SERVED, objections + (leaving.isEmpty() ? "" : "; " + leaving));
        }
        if (!leaving.isEmpty()) {
            return condition(tenant, false, LEAVING, leaving);
        }
        return condition(
                tenant,
                true,
                now.rules().isEmpty() ? NONE : SYNCED,
                now.rules().stream().map(CustomKind::definition).collect(Collectors.joining(", ")));
    }

    private static String sentTo(CustomKind kind) {
        return kind.isUp() ? "the tenant" : "the host";
    }

    private static Optional<KindState> state(CustomKind kind, List<KindState> states) {
        return states.stream()
                .filter(state -> state.definition().equals(kind.definition()))
                .findFirst();
    }

    private TenantCondition condition(Tenant tenant, boolean holds, String reason, String message) {
        return TenantCondition.of(
                TenantCondition.CUSTOM_KINDS_SYNCED,
                holds,
                tenant.getMetadata().getGeneration(),
                clock.instant(),
                reason,
                message);
    }

    private static boolean isTold(Tenant tenant) {
        return Optional.ofNullable(tenant.getStatus())
                .flatMap(status -> status.condition(TenantCondition.CUSTOM_KINDS_SYNCED))
                .isPresent();
    }
}
