package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.List;
import java.util.Optional;

/// Makes volumes for claims whose class names this provisioner, or whose pods go to simulated nodes, which
/// have no disk that another could use; grows and deletes them. There is no disk behind them, and every
/// node reaches them. Idempotent: a volume is named after its claim's uid.
/// Source: sig-storage-lib-external-provisioner; the binding is the binder's.
final class VolumeProvisioner implements Controller {

    /// As a StorageClass names it.
    static final String NAME = SimulationKeys.SIMULATED;

    private final ObjectClient client;
    private final EventRecorder events;
    private final Store classes;

    private VolumeProvisioner(ControllerContext context) {
        this.client = context.client();
        this.events = context.events();
        this.classes = context.store(Resources.STORAGE_CLASSES);
    }

    record Factory() implements ControllerFactory {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Controller create(ControllerContext context) {
            return new VolumeProvisioner(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.PERSISTENT_VOLUME_CLAIMS, event -> List.of(Key.of(event.object())))
                .watch(Resources.PERSISTENT_VOLUMES, event -> List.of(Key.of(event.object())))
                .watch(Resources.STORAGE_CLASSES, event -> List.of());
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.namespace().isEmpty()) {
            client.get(Resources.PERSISTENT_VOLUMES, "", key.name()).ifPresent(this::reclaim);
        } else {
            client.get(Resources.PERSISTENT_VOLUME_CLAIMS, key.namespace(), key.name())
                    .filter(claim -> !Meta.isBeingDeleted(claim))
                    .ifPresent(this::serve);
        }
        return Outcome.SETTLED;
    }

    private void serve(ObjectNode claim) {
        if (claim.path("spec").hasNonNull("volumeName")) {
            grow(claim);
            return;
        }
        Optional<ObjectNode> storageClass = classes.get(
                        Key.cluster(claim.path("spec").path("storageClassName").asText("")))
                .filter(c -> c.path("provisioner").asText().equals(NAME) || goesToASimulatedNode(claim));
        if (storageClass.isEmpty()) {
            return;
        }
        boolean waits = storageClass.get().path("volumeBindingMode").asText("").equals("WaitForFirstConsumer");
        if (!waits || Meta.annotations(claim).containsKey(VolumeClaims.SELECTED_NODE)) {
            provision(claim, storageClass.get());
        }
    }

    private boolean goesToASimulatedNode(ObjectNode claim) {
        return Optional.ofNullable(Meta.annotations(claim).get(VolumeClaims.SELECTED_NODE))
                .flatMap(node -> client.get(Resources.NODES, "", node))
                .filter(node -> Meta.annotations(node).containsKey(SimulationKeys.SIMULATED))
                .isPresent();
    }

    private void provision(ObjectNode claim, ObjectNode storageClass) {
        String name = "pvc-" + Meta.uid(claim);
        ObjectNode volume = Json.object().put("apiVersion", "v1").put("kind", "PersistentVolume");
        volume.putObject("metadata").put("name", name).putObject("annotations").put(WellKnownKeys.PROVISIONED_BY, NAME);
        ObjectNode spec = volume.putObject("spec");
        spec.putObject("capacity").set("storage", requested(claim));
        spec.set("accessModes", claim.path("spec").path("accessModes"));
        spec.put("volumeMode", claim.path("spec").path("volumeMode").asText("Filesystem"));
        spec.put("storageClassName", Meta.name(storageClass));
        spec.put(
                "persistentVolumeReclaimPolicy",
                storageClass.path("reclaimPolicy").asText("Delete"));
        if (storageClass.path("mountOptions").isArray()) {
            spec.set("mountOptions", storageClass.path("mountOptions"));
        }
        spec.putObject("csi").put("driver", NAME).put("volumeHandle", name);
        spec.set("claimRef", VolumeClaims.reference(claim));
        try {
            client.create(Resources.PERSISTENT_VOLUMES, "", volume);
        } catch (ApiException e) {
            if (e.is("AlreadyExists")) {
                return;
            }
            events.warning(claim, "ProvisioningFailed", "failed to provision volume: " + e.getMessage());
            throw e;
        }
        events.normal(claim, "ProvisioningSucceeded", "Successfully provisioned volume " + name);
    }

    /// A claim may ask for more later; its class has allowed that to admission.
    private void grow(ObjectNode claim) {
        Optional<ObjectNode> volume = client.get(
                        Resources.PERSISTENT_VOLUMES,
                        "",
                        claim.path("spec").path("volumeName").asText())
                .filter(VolumeProvisioner::isOurs);
        if (volume.isEmpty() || !VolumeClaims.isBound(claim)) {
            return;
        }
        Quantity wanted = quantity(requested(claim));
        if (wanted.compareTo(quantity(volume.get().path("spec").path("capacity").path("storage"))) > 0) {
            ObjectNode patch = Json.object();
            patch.putObject("spec").putObject("capacity").set("storage", requested(claim));
            client.mergePatch(Resources.PERSISTENT_VOLUMES, "", Meta.name(volume.get()), "", patch);
        }
        if (wanted.compareTo(quantity(claim.path("status").path("capacity").path("storage"))) > 0
                && claim.path("status").path("phase").asText().equals("Bound")) {
            ObjectNode patch = Json.object();
            patch.putObject("status").putObject("capacity").set("storage", requested(claim));
            client.mergePatch(
                    Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(claim), Meta.name(claim), "status", patch);
            events.normal(claim, "VolumeResizeSuccessful", "Resize volume succeeded");
        }
    }

    private void reclaim(ObjectNode volume) {
        boolean released = volume.path("status").path("phase").asText().equals("Released");
        boolean delete = volume.path("spec")
                .path("persistentVolumeReclaimPolicy")
                .asText()
                .equals("Delete");
        if (!isOurs(volume) || !released || !delete || Meta.isBeingDeleted(volume)) {
            return;
        }
        try {
            client.delete(Resources.PERSISTENT_VOLUMES, "", Meta.name(volume), PodWriter.onlyIf(volume));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    private static boolean isOurs(ObjectNode volume) {
        return NAME.equals(Meta.annotations(volume).get(WellKnownKeys.PROVISIONED_BY));
    }

    private static Quantity quantity(JsonNode text) {
        return Quantity.orZero(text.asText(""));
    }

    private static JsonNode requested(ObjectNode claim) {
        return claim.path("spec").path("resources").path("requests").path("storage");
    }
}
