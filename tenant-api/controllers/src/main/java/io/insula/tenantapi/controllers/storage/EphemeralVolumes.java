package io.insula.tenantapi.controllers.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Makes the claims of pods' generic ephemeral volumes; they go with their pod. Keys are pods.
/// Source: kubernetes, `pkg/controller/volume/ephemeral`.
final class EphemeralVolumes implements Controller {

    private final ObjectClient client;
    private final EventRecorder events;
    private final Store pods;
    private final Store claims;

    private EphemeralVolumes(ControllerContext context) {
        this.client = context.client();
        this.events = context.events();
        this.pods = context.store(Resources.PODS);
        this.claims = context.store(Resources.PERSISTENT_VOLUME_CLAIMS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "ephemeral-volume-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new EphemeralVolumes(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.PODS, EphemeralVolumes::newPod)
                .watch(Resources.PERSISTENT_VOLUME_CLAIMS, EphemeralVolumes::podOfGoneClaim);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> pod =
                pods.get(key).filter(found -> PodView.of(found).isActive());
        if (pod.isPresent()) {
            for (JsonNode volume : volumes(pod.get())) {
                makeClaim(pod.get(), volume);
            }
        }
        return Outcome.SETTLED;
    }

    private void makeClaim(ObjectNode pod, JsonNode volume) {
        Key key = new Key(Meta.namespace(pod), VolumeClaims.nameIn(volume, pod).orElseThrow());
        Optional<ObjectNode> there = claims.get(key);
        if (there.isPresent()) {
            if (!Owners.isControlledBy(there.get(), pod)) {
                refuse(pod, key);
            }
            return;
        }
        JsonNode template = volume.path("ephemeral").path("volumeClaimTemplate");
        ObjectNode claim = Json.object().put("apiVersion", "v1").put("kind", "PersistentVolumeClaim");
        ObjectNode meta = claim.putObject("metadata").put("name", key.name()).put("namespace", key.namespace());
        for (String field : List.of("labels", "annotations")) {
            JsonNode value = template.path("metadata").path(field);
            if (!value.isEmpty()) {
                meta.set(field, value.deepCopy());
            }
        }
        meta.putArray("ownerReferences").add(Owners.controllerReference(pod));
        claim.set("spec", template.path("spec").deepCopy());
        try {
            client.create(Resources.PERSISTENT_VOLUME_CLAIMS, key.namespace(), claim);
        } catch (ApiException e) {
            if (e.is("AlreadyExists") || PodWriter.namespaceIsGoing(e)) {
                return; // the cache will show whose it is
            }
            events.warning(
                    pod,
                    "FailedBinding",
                    "ephemeral volume " + volume.path("name").asText() + ": create PVC " + key.name() + ": "
                            + e.getMessage());
            throw e;
        }
    }

    /// Using somebody else's claim would show a pod data that is not its own.
    private void refuse(ObjectNode pod, Key key) {
        events.warning(
                pod,
                "FailedBinding",
                "PVC " + key + " was not created for pod " + Meta.namespace(pod) + "/" + Meta.name(pod)
                        + " (pod is not owner)");
    }

    private static List<JsonNode> volumes(JsonNode pod) {
        var volumes = new ArrayList<JsonNode>();
        for (JsonNode volume : PodView.of(pod).spec().volumes()) {
            if (volume.hasNonNull("ephemeral")) {
                volumes.add(volume);
            }
        }
        return volumes;
    }

    private static Collection<Key> newPod(ObjectEvent event) {
        boolean matters =
                event instanceof ObjectEvent.Added && !volumes(event.object()).isEmpty();
        return matters ? List.of(Key.of(event.object())) : List.of();
    }

    private static Collection<Key> podOfGoneClaim(ObjectEvent event) {
        if (!(event instanceof ObjectEvent.Deleted(var claim))) {
            return List.of();
        }
        return Owners.controllerName(claim, "", "Pod")
                .map(name -> List.of(new Key(Meta.namespace(claim), name)))
                .orElse(List.of());
    }
}
