package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.KeyRing;
import io.insula.reconcile.Outcome;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Replaces keys of a tenant, phase by phase, while it runs or sleeps: a wish names the phase that is to be reached, is
/// fulfilled, what runs is told, and then the wish is taken off. Whoever dies in between does the same once more.
record RotateStep(Attachments attachments, TenantObjects objects, UnaskedEvents events, InstantSource clock)
        implements TenantStep {

    private static final Logger LOG = LoggerFactory.getLogger(RotateStep.class);
    private static final int NAMED = 5;

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String wish = TenantObjects.annotation(tenant, Tenancy.ROTATE);
        Optional<KeyRotation> wanted = KeyRotation.of(wish);
        wanted.ifPresent(rotation -> carryOut(rotation, tenant, unit));
        ClusterKeys keys = unit.runtime().keys();
        keys.revokeDropped();
        keys.whenChanged(changed -> apply(changed, tenant, unit));
        if (TenantObjects.hasAnnotation(tenant, Tenancy.ROTATE)) {
            objects.removeAnnotations(tenant, Tenancy.ROTATE);
            if (wanted.isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("tenant", TenantObjects.nameOf(tenant))
                        .addKeyValue("wish", wish)
                        .log("nothing changes by a wish that names no keys and phase");
            }
        }
        for (RotatedKeys each : RotatedKeys.values()) {
            tell(each, tenant, unit);
        }
        return Outcome.SETTLED;
    }

    private void carryOut(KeyRotation rotation, Tenant tenant, TenantUnit unit) {
        if (rotation.carryOut(unit.runtime().pki())) {
            KeyRing.Keys<?> now = rotation.keys().in(unit.runtime().pki()).now();
            events.rotated(TenantObjects.nameOf(tenant), rotation.wish() + ": " + message(rotation.keys(), now));
        }
    }

    private void apply(Set<RotatedKeys> changed, Tenant tenant, TenantUnit unit) {
        if (changed.contains(RotatedKeys.AUTHORITY)) {
            // it is attached again as soon as all else stands, by a credential of the new one
            attachments.detach(TenantObjects.nameOf(tenant));
        }
        unit.runtime().keysChanged();
    }

    private void tell(RotatedKeys keys, Tenant tenant, TenantUnit unit) {
        KeyRing.Keys<?> now = keys.in(unit.runtime().pki()).now();
        boolean isTold = Optional.ofNullable(tenant.getStatus())
                .flatMap(status -> status.condition(keys.condition()))
                .isPresent();
        if (!isTold && !now.isRotating()) {
            return;
        }
        String outdated =
                keys == RotatedKeys.AUTHORITY ? named(unit.runtime().keys().outdated()) : "";
        unit.tell(TenantCondition.of(
                keys.condition(),
                now.isRotating(),
                tenant.getMetadata().getGeneration(),
                clock.instant(),
                now.isRotating() ? "BothTaken" : "Rotated",
                message(keys, now) + outdated));
    }

    private static String message(RotatedKeys keys, KeyRing.Keys<?> now) {
        return keys.told(now, KeyRotation.end(now) + ", or until somebody ends that");
    }

    private static String named(List<Credential> outdated) {
        List<String> users =
                outdated.stream().map(Credential::user).distinct().sorted().toList();
        return users.isEmpty()
                ? ""
                : users.stream()
                        .limit(NAMED)
                        .collect(Collectors.joining(
                                ", ",
                                "; to be replaced before: kubeconfigs of ",
                                users.size() > NAMED ? " and " + (users.size() - NAMED) + " more" : ""));
    }
}
