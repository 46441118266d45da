package io.insula.tenantapi.controllers.storage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Lets deleted claims and volumes go once nothing uses them: a claim no pod on a node, a volume no claim.
/// Source: kubernetes, `pkg/controller/volume/pvcprotection` and `pvprotection`.
final class StorageProtection implements Controller {

    private static final Flavor CLAIMS = new Flavor(Resources.PERSISTENT_VOLUME_CLAIMS, WellKnownKeys.PVC_PROTECTION);
    private static final Flavor VOLUMES = new Flavor(Resources.PERSISTENT_VOLUMES, WellKnownKeys.PV_PROTECTION);

    private final Flavor flavor;
    private final ObjectClient client;
    private final Store objects;

    private record Flavor(GroupVersionResource resource, String finalizer) {}

    private StorageProtection(ControllerContext context, Flavor flavor) {
        this.flavor = flavor;
        this.client = context.client();
        this.objects = context.store(flavor.resource());
    }

    @Singleton
    static final class ClaimFactory implements ControllerFactory {
        @Override
        public String name() {
            return "pvc-protection-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new StorageProtection(context, CLAIMS);
        }
    }

    @Singleton
    static final class VolumeFactory implements ControllerFactory {
        @Override
        public String name() {
            return "pv-protection-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new StorageProtection(context, VOLUMES);
        }
    }

    @Override
    public ControllerSpec spec() {
        ControllerSpec own = ControllerSpec.of(flavor.resource());
        return flavor.equals(CLAIMS) ? own.watch(Resources.PODS, StorageProtection::claimsOf) : own;
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = objects.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode object = found.get();
        boolean has = Meta.finalizers(object).contains(flavor.finalizer());
        if (!Meta.isBeingDeleted(object)) {
            if (!has) {
                setFinalizers(object, true);
            }
        } else if (has && !isUsed(object)) {
            setFinalizers(object, false);
        }
        return Outcome.SETTLED;
    }

    private boolean isUsed(ObjectNode object) {
        if (flavor.equals(VOLUMES)) {
            return object.path("status").path("phase").asText().equals("Bound");
        }
        // asked live: a pod that the cache has not seen yet must not lose its data
        return client.list(Resources.PODS, Meta.namespace(object), Query.ALL).items().stream()
                .filter(pod -> !PodView.of(pod).nodeName().isEmpty()
                        && !PodView.of(pod).isTerminal())
                .anyMatch(pod -> VolumeClaims.of(pod).contains(Meta.name(object)));
    }

    private void setFinalizers(ObjectNode object, boolean present) {
        ObjectNode patch = MergePatches.asRead(object);
        ArrayNode finalizers = Meta.of(patch).putArray("finalizers");
        Meta.finalizers(object).stream()
                .filter(Predicate.not(flavor.finalizer()::equals))
                .forEach(finalizers::add);
        if (present) {
            finalizers.add(flavor.finalizer());
        }
        try {
            client.mergePatch(flavor.resource(), Meta.namespace(object), Meta.name(object), "", patch);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    /// A pod matters when it ends or goes.
    private static Collection<Key> claimsOf(ObjectEvent event) {
        ObjectNode pod = event.object();
        if (!(event instanceof ObjectEvent.Deleted) && !PodView.of(pod).isTerminal()) {
            return List.of();
        }
        return VolumeClaims.of(pod).stream()
                .map(name -> new Key(Meta.namespace(pod), name))
                .toList();
    }
}
