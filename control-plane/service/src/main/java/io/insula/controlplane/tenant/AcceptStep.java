package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.Terminal;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether what was asked for makes sense. A tenant that runs goes on without a profile that is gone by now.
record AcceptStep(ProfileLookup lookup) implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.ACCEPTED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        Optional<String> wrong = Tenancy.checkName(TenantObjects.nameOf(tenant));
        if (wrong.isPresent()) {
            return new Terminal("InvalidName", wrong.get());
        }
        try {
            tenant.getSpec().tenantLimits();
        } catch (IllegalArgumentException e) {
            return new Terminal("InvalidLimits", "spec." + e.getMessage());
        }
        try {
            var _ = tenant.getSpec().customKinds();
        } catch (IllegalArgumentException e) {
            return new Terminal("InvalidCustomKinds", "spec." + e.getMessage());
        }
        try {
            var _ = tenant.getSpec().profileRulesRead();
        } catch (IllegalArgumentException e) {
            return new Terminal("InvalidProfileRules", "spec." + e.getMessage());
        }
        return unit.runtime().hasBegun() ? Outcome.SETTLED : requireProfiles(tenant.getSpec());
    }

    private Outcome requireProfiles(TenantSpec spec) {
        return Stream.concat(Stream.of(spec.profile()), spec.allowed().stream())
                .filter(profile -> lookup.find(profile).isEmpty())
                .<Outcome>map(profile ->
                        new Terminal("UnknownProfile", "isolation profile \"" + profile + "\" does not exist"))
                .findFirst()
                .orElse(Outcome.SETTLED);
    }
}
