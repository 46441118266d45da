package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events on the host of what befalls a tenant: why it is not ready (its deletes are held back, its host namespace is
/// gone, its disk is full …), and when that is over; that its keys change, phase by phase. A condition tells what is,
/// these tell what was. Thread-safe.
record TenantNews(KubernetesClient host, InstantSource clock) {

    private static final Logger LOG = LoggerFactory.getLogger(TenantNews.class);

    /// Of an object that is in no namespace. Source: kubernetes/client-go, `tools/record`.
    private static final String NAMESPACE = "default";

    /// Nothing is wrong, it only takes its time.
    private static final Set<String> USUAL = Set.of("Waiting", "Starting");

    /// Tells what is new, if anything is. What cannot be told now is not told: the condition stands.
    ///
    /// @param before as it was told last
    void tell(Tenant tenant, Optional<TenantCondition> before, TenantCondition ready) {
        event(tenant, before, ready).ifPresent(event -> write(tenant, event));
    }

    private void write(Tenant tenant, Event event) {
        try {
            host.v1().events().inNamespace(NAMESPACE).resource(event).create();
        } catch (KubernetesClientException e) {
            LOG.atDebug()
                    .addKeyValue("tenant", TenantObjects.nameOf(tenant))
                    .setCause(e)
                    .log("an event cannot be written");
        }
    }

    /// Tells that the tenant was suspended, or resumed, where that is new.
    ///
    /// @param before as it was told last
    void tellSuspension(Tenant tenant, Optional<TenantCondition> before, TenantCondition now) {
        boolean was = before.filter(TenantCondition::holds).isPresent();
        if (was != now.holds()) {
            write(
                    tenant,
                    made(tenant, "Normal", now.reason(), now.holds() ? now.message() : "it can be written again"));
        }
    }

    /// Tells of each phase of a change of keys.
    ///
    /// @param before as it was told last
    void tellRotation(Tenant tenant, Optional<TenantCondition> before, TenantCondition now) {
        boolean was = before.filter(TenantCondition::holds).isPresent();
        if (was != now.holds()) {
            write(tenant, made(tenant, "Normal", now.holds() ? "KeysRotating" : "KeysRotated", now.message()));
        }
    }

    private Optional<Event> event(Tenant tenant, Optional<TenantCondition> before, TenantCondition ready) {
        boolean wasReady = before.filter(TenantCondition::holds).isPresent();
        if (ready.holds()) {
            String over = before.filter(known -> !USUAL.contains(known.reason()))
                    .map(known -> "; over is " + known.reason() + ": " + known.message())
                    .orElse("");
            return wasReady ? Optional.empty() : Optional.of(made(tenant, "Normal", ready.reason(), "ready" + over));
        }
        boolean known =
                before.filter(each -> each.reason().equals(ready.reason())).isPresent();
        return known || USUAL.contains(ready.reason())
                ? Optional.empty()
                : Optional.of(made(tenant, "Warning", ready.reason(), ready.message()));
    }

    private Event made(Tenant tenant, String type, String reason, String message) {
        var now = clock.instant();
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String name = TenantObjects.nameOf(tenant);
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(name + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000L + now.getNano()))
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(Tenancy.GROUP + "/" + Tenancy.VERSION)
                .withKind("Tenant")
                .withName(name)
                .withUid(tenant.getMetadata().getUid())
                .endInvolvedObject()
                .withType(type)
                .withReason(reason)
                .withMessage(message.substring(0, Math.min(1024, message.length())))
                .withFirstTimestamp(time)
                .withLastTimestamp(time)
                .withCount(1)
                .withNewSource()
                .withComponent(HostLabels.CONTROL_PLANE)
                .endSource()
                .withReportingComponent(HostLabels.CONTROL_PLANE)
                .build();
    }
}
