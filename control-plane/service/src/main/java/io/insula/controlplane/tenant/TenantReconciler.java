package io.insula.controlplane.tenant;

import io.insula.controlplane.home.HomeException;
import io.insula.process.ChildException;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.Failed;
import io.insula.reconcile.Outcome.RequeueAfter;
import io.insula.reconcile.Outcome.Settled;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one tenant nearer to what its object on the host asks for, and says in its status how far it is. Whatever
/// it knows it reads anew: it may be stopped between any two writes, and a new one goes on. Work on one tenant is
/// serial; different ones go side by side.
final class TenantReconciler {

    /// A failure that the next attempt may well not have: a slow store, a host that is away.
    static final String RETRYING = "Retrying";

    private static final Logger LOG = LoggerFactory.getLogger(TenantReconciler.class);

    private final TenantObjects objects;
    private final TenantUnits units;
    private final List<TenantStep> steps;
    private final TenantRemoval removal;
    private final TenantConditions conditions;
    private final TenantNews news;

    /// @param steps in the order in which conditions come to hold
    TenantReconciler(
            TenantObjects objects,
            TenantUnits units,
            List<TenantStep> steps,
            TenantRemoval removal,
            TenantConditions conditions,
            TenantNews news) {
        this.objects = objects;
        this.units = units;
        this.steps = List.copyOf(steps);
        this.removal = removal;
        this.conditions = conditions;
        this.news = news;
    }

    Outcome reconcile(String name) {
        Optional<Tenant> found = objects.find(name);
        if (found.isEmpty()) {
            return removal.stop(name);
        }
        Tenant tenant = found.get();
        return tenant.isMarkedForDeletion() ? removal.remove(tenant) : advance(tenant, units.of(name));
    }

    private Outcome advance(Tenant tenant, TenantUnit unit) {
        TenantStatus status = tenant.getStatus() == null ? TenantStatus.EMPTY : tenant.getStatus();
        if (!unit.runtime().isStarted() && holds(status, TenantCondition.READY)) {
            return takeBack(tenant, status);
        }
        String condition = TenantCondition.READY;
        Outcome outcome = Outcome.SETTLED;
        for (TenantStep step : steps) {
            condition = step.condition();
            outcome = attempt(step, tenant, unit);
            if (!(outcome instanceof Settled)) {
                break;
            }
        }
        unit.endedWith(outcome);
        TenantStatus reached = conditions.apply(tenant, status, condition, outcome);
        for (TenantCondition told : unit.told()) {
            reached = reached.with(told);
        }
        write(
                tenant,
                reached.observing(
                        tenant.getMetadata().getGeneration(),
                        Tenancy.hostNamespace(TenantObjects.nameOf(tenant)),
                        unit.runtime().knownEndpoint().orElse(null),
                        unit.runtime().frontDoor().orElse(null)));
        return outcome;
    }

    /// What an earlier run wrote is not so any more, and the start may take its time.
    private Outcome takeBack(Tenant tenant, TenantStatus status) {
        var starting = new RequeueAfter(Duration.ofMillis(1), "Starting", "the API server is being started");
        write(tenant, status.with(conditions.condition(tenant, TenantCondition.READY, starting)));
        return starting;
    }

    /// A failure goes to the status as well as to the retry.
    private static Outcome attempt(TenantStep step, Tenant tenant, TenantUnit unit) {
        try {
            return step.settle(tenant, unit);
        } catch (HomeException e) {
            return new Failed("HomeDamaged", String.valueOf(e.getMessage()), e);
        } catch (ChildException e) {
            Trouble trouble = unit.runtime().troubleOfEtcd(e);
            return new Failed(trouble.reason(), trouble.message(), e);
        } catch (RuntimeException e) {
            return new Failed(RETRYING, String.valueOf(e.getMessage()), e);
        }
    }

    private void write(Tenant tenant, TenantStatus wanted) {
        if (wanted.equals(tenant.getStatus())) {
            return;
        }
        objects.writeStatus(tenant, wanted);
        wanted.condition(TenantCondition.READY)
                .ifPresent(ready -> news.tell(tenant, told(tenant, TenantCondition.READY), ready));
        wanted.condition(TenantCondition.SUSPENDED)
                .ifPresent(now -> news.tellSuspension(tenant, told(tenant, TenantCondition.SUSPENDED), now));
        for (RotatedKeys keys : RotatedKeys.values()) {
            wanted.condition(keys.condition())
                    .ifPresent(now -> news.tellRotation(tenant, told(tenant, keys.condition()), now));
        }
        LOG.atInfo()
                .addKeyValue("tenant", TenantObjects.nameOf(tenant))
                .addKeyValue("ready", holds(wanted, TenantCondition.READY))
                .log("tenant changed");
    }

    private static Optional<TenantCondition> told(Tenant tenant, String type) {
        return Optional.ofNullable(tenant.getStatus()).flatMap(status -> status.condition(type));
    }

    private static boolean holds(TenantStatus status, String type) {
        return status.condition(type).filter(TenantCondition::holds).isPresent();
    }
}
