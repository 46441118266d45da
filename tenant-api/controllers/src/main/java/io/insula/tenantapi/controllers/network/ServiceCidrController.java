package io.insula.tenantapi.controllers.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Says of ServiceCIDRs that they are ready, and keeps one that is deleted as long as an address would be left without
/// a range. Source: kubernetes, `pkg/controller/servicecidrs/servicecidrs_controller.go`.
final class ServiceCidrController implements Controller {

    private static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";
    private static final Query ALLOCATED = new Query(WellKnownKeys.IP_MANAGED_BY + "=ipallocator.k8s.io", "");

    /// So that whoever is just giving an address has seen that the range goes.
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ObjectClient client;
    private final Clock clock;
    private final Store cidrs;

    private ServiceCidrController(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.cidrs = context.store(Resources.SERVICE_CIDRS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "service-cidr-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new ServiceCidrController(context);
        }
    }

    /// Any range may be the one that another's end waits for; so may any address.
    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.SERVICE_CIDRS, event -> ending(Key.of(event.object())))
                .watch(Resources.IP_ADDRESSES, ALLOCATED, _ -> ending());
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = cidrs.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode cidr = found.get();
        if (!Meta.isBeingDeleted(cidr)) {
            if (!Meta.finalizers(cidr).contains(FINALIZER)) {
                setFinalizers(cidr, true);
            }
            say(cidr, true, "", "Kubernetes Service CIDR is ready");
            return Outcome.SETTLED;
        }
        if (!Meta.finalizers(cidr).contains(FINALIZER)) {
            return Outcome.SETTLED;
        }
        if (isNeeded(cidr)) {
            say(
                    cidr,
                    false,
                    "Terminating",
                    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new"
                            + " ServiceCIDR");
            return Outcome.SETTLED;
        }
        Instant from =
                Meta.time(cidr.path("metadata").path("deletionTimestamp")).orElse(Instant.EPOCH);
        Duration left = Duration.between(clock.instant(), from.plus(GRACE));
        if (left.isPositive()) {
            return Outcome.after(left, "allocations under way");
        }
        setFinalizers(cidr, false);
        return Outcome.SETTLED;
    }

    /// Whether an address that was given lies in no other range.
    private boolean isNeeded(ObjectNode cidr) {
        List<AddressBlock> own = networks(cidr);
        List<AddressBlock> others = cidrs.list().stream()
                .filter(other -> !Meta.uid(other).equals(Meta.uid(cidr)))
                .flatMap(other -> networks(other).stream())
                .toList();
        if (own.stream().allMatch(network -> others.stream().anyMatch(other -> other.covers(network)))) {
            return false;
        }
        // asked live: an address that the cache has not seen yet must not lose its range
        return client.list(Resources.IP_ADDRESSES, "", ALLOCATED).items().stream()
                .flatMap(address -> IpAddress.parse(Meta.name(address)).stream())
                .filter(address -> own.stream().anyMatch(network -> network.covers(address)))
                .anyMatch(address -> others.stream().noneMatch(other -> other.covers(address)));
    }

    private List<Key> ending(Key... also) {
        var keys = cidrs.list().stream().filter(Meta::isBeingDeleted).map(Key::of);
        return Stream.concat(Arrays.stream(also), keys).distinct().toList();
    }

    private static List<AddressBlock> networks(JsonNode cidr) {
        return cidr.path("spec")
                .path("cidrs")
                .valueStream()
                .flatMap(text -> AddressBlock.parse(text.asText()).stream())
                .toList();
    }

    private void say(ObjectNode cidr, boolean ready, String reason, String message) {
        ObjectNode status = Statuses.of(cidr.deepCopy());
        if (Condition.set(status, "Ready", ready, reason, message, clock.instant())) {
            // the condition's type requires the field, though upstream leaves it empty
            Condition.listIn(status).forEach(c -> {
                if (!c.has("reason")) {
                    ((ObjectNode) c).put("reason", "");
                }
            });
            patch(cidr, "status", Statuses.patch(status));
        }
    }

    private void setFinalizers(ObjectNode cidr, boolean present) {
        ObjectNode patch = MergePatches.asRead(cidr);
        ArrayNode finalizers = Meta.of(patch).putArray("finalizers");
        Meta.finalizers(cidr).stream().filter(Predicate.not(FINALIZER::equals)).forEach(finalizers::add);
        if (present) {
            finalizers.add(FINALIZER);
        }
        patch(cidr, "", patch);
    }

    private void patch(ObjectNode cidr, String subresource, ObjectNode patch) {
        try {
            client.mergePatch(Resources.SERVICE_CIDRS, "", Meta.name(cidr), subresource, patch);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }
}
