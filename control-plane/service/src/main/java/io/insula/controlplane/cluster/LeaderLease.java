package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// The Lease by which controller managers of a cluster agree who of them works: upstream's own, by the name that it
/// asks for unless told otherwise. Ours is held for an hour at a time, so that an idle tenant costs no writes; who
/// keeps to the Lease believes its holder as long as that says. Confined to one thread at a time.
///
/// Source: kubernetes/client-go, `tools/leaderelection`; kube-controller-manager, `--leader-elect-resource-name`.
final class LeaderLease implements ControllersLease {

    /// As whom we hold it: a later run of ours is the same holder.
    static final String HOLDER = "insula";

    static final Duration HELD_FOR = Duration.ofHours(1);

    private static final GroupVersionResource LEASES = new GroupVersionResource("coordination.k8s.io", "v1", "leases");
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "kube-controller-manager";
    /// Of Leases: six digits, always.
    static final DateTimeFormatter MICRO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final ObjectClient client;
    private final InstantSource clock;

    LeaderLease(ObjectClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    @Override
    public boolean hold() {
        Optional<ObjectNode> there = client.get(LEASES, NAMESPACE, NAME);
        boolean ours = there.filter(lease -> holder(lease).equals(HOLDER)).isPresent();
        if (!ours && there.filter(this::isHeld).isPresent()) {
            return false;
        }
        try {
            if (there.isEmpty()) {
                client.create(LEASES, NAMESPACE, held(lease(), 0, clock.instant()));
            } else {
                ObjectNode lease = there.get();
                long transitions = lease.path("spec").path("leaseTransitions").asLong(0) + (ours ? 0 : 1);
                Instant since = ours ? instant(lease, "acquireTime") : clock.instant();
                client.update(LEASES, NAMESPACE, "", held(lease.deepCopy(), transitions, since));
            }
            return true;
        } catch (ApiException e) {
            if (e.is("Conflict") || e.is("AlreadyExists")) {
                return false;
            }
            // a store that takes no writes has nobody else's either, and room is made by controllers
            if (ours) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void release() {
        client.get(LEASES, NAMESPACE, NAME)
                .filter(lease -> holder(lease).equals(HOLDER))
                .ifPresent(lease -> {
                    ObjectNode given = lease.deepCopy();
                    given.withObjectProperty("spec")
                            .put("holderIdentity", "")
                            .put("leaseDurationSeconds", 1)
                            .put("renewTime", MICRO_TIME.format(clock.instant()));
                    client.update(LEASES, NAMESPACE, "", given);
                });
    }

    @Override
    public boolean isElsewhere() {
        return client.get(LEASES, NAMESPACE, NAME)
                .filter(lease -> !holder(lease).equals(HOLDER) && isHeld(lease))
                .isPresent();
    }

    /// By anybody, now.
    private boolean isHeld(ObjectNode lease) {
        return !holder(lease).isEmpty() && isValid(lease);
    }

    private boolean isValid(ObjectNode lease) {
        long seconds = lease.path("spec").path("leaseDurationSeconds").asLong(0);
        return clock.instant().isBefore(instant(lease, "renewTime").plusSeconds(seconds));
    }

    private static ObjectNode lease() {
        ObjectNode lease =
                Json.object().put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
        Meta.of(lease).put("name", NAME).put("namespace", NAMESPACE);
        return lease;
    }

    private ObjectNode held(ObjectNode lease, long transitions, Instant since) {
        lease.withObjectProperty("spec")
                .put("holderIdentity", HOLDER)
                .put("leaseDurationSeconds", HELD_FOR.toSeconds())
                .put("acquireTime", MICRO_TIME.format(since))
                .put("renewTime", MICRO_TIME.format(clock.instant()))
                .put("leaseTransitions", transitions);
        return lease;
    }

    private static String holder(ObjectNode lease) {
        return lease.path("spec").path("holderIdentity").asText("");
    }

    private static Instant instant(ObjectNode lease, String field) {
        try {
            return Instant.parse(lease.path("spec").path(field).asText(""));
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
