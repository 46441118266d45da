package io.insula.tenantapi.controllers.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.ports.ObjectClient;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Binds claims and volumes to each other, one at a time. A binding is written to the volume first: whatever happens in
/// between, the claim finds its volume again. Keys without a namespace are volumes, others claims.
/// Source: kubernetes, `pkg/controller/volume/persistentvolume/pv_controller.go`.
final class VolumeBinder implements Controller {

    private static final String BY_US = WellKnownKeys.BOUND_BY_CONTROLLER;
    private static final List<String> PROVISIONER =
            List.of(WellKnownKeys.BETA_STORAGE_PROVISIONER, WellKnownKeys.STORAGE_PROVISIONER);

    private final ObjectClient client;
    private final EventRecorder events;
    private final Store claims;
    private final Store volumes;
    private final Store classes;
    private final StatusWriter claimStatuses;
    private final StatusWriter volumeStatuses;

    private VolumeBinder(ControllerContext context) {
        this.client = context.client();
        this.events = context.events();
        this.claims = context.store(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = context.store(Resources.PERSISTENT_VOLUMES);
        this.classes = context.store(Resources.STORAGE_CLASSES);
        this.claimStatuses = new StatusWriter(client, Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumeStatuses = new StatusWriter(client, Resources.PERSISTENT_VOLUMES);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "persistent-volume-binder";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new VolumeBinder(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.PERSISTENT_VOLUME_CLAIMS, VolumeBinder::claimAndVolume)
                .watch(Resources.PERSISTENT_VOLUMES, this::volumeAndClaims)
                .watch(Resources.STORAGE_CLASSES, event -> pending())
                .workers(1);
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.namespace().isEmpty()) {
            client.get(Resources.PERSISTENT_VOLUMES, "", key.name()).ifPresent(this::syncVolume);
        } else {
            client.get(Resources.PERSISTENT_VOLUME_CLAIMS, key.namespace(), key.name())
                    .filter(claim -> !Meta.isBeingDeleted(claim)
                            || Meta.annotations(claim).containsKey(WellKnownKeys.BIND_COMPLETED))
                    .ifPresent(this::syncClaim);
        }
        return Outcome.SETTLED;
    }

    private void syncClaim(ObjectNode claim) {
        String volumeName = claim.path("spec").path("volumeName").asText("");
        boolean bound = Meta.annotations(claim).containsKey(WellKnownKeys.BIND_COMPLETED);
        if (volumeName.isEmpty()) {
            if (bound) {
                lost(claim, "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
            } else {
                findVolume(claim);
            }
            return;
        }
        Optional<ObjectNode> volume = client.get(Resources.PERSISTENT_VOLUMES, "", volumeName);
        if (volume.isEmpty()) {
            if (bound) {
                lost(claim, "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
            } else {
                pending(claim);
            }
        } else if (!volume.get().path("spec").hasNonNull("claimRef")) {
            if (bound || Matching.suits(volume.get(), claim)) {
                bind(claim, volume.get());
            } else {
                events.warning(
                        claim,
                        "VolumeMismatch",
                        "Cannot bind to requested volume \"" + volumeName + "\": it does not suit the claim");
                pending(claim);
            }
        } else if (Matching.isMeantFor(volume.get(), claim)) {
            bind(claim, volume.get());
        } else if (bound) {
            lost(claim, "Two claims are bound to the same volume, this one is bound incorrectly");
        } else {
            pending(claim);
        }
    }

    private void findVolume(ObjectNode claim) {
        ObjectNode wanted = claim;
        if (!claim.path("spec").has("storageClassName")) {
            Optional<String> byDefault = defaultClass();
            if (byDefault.isPresent()) {
                ObjectNode patch = MergePatches.asRead(claim);
                patch.putObject("spec").put("storageClassName", byDefault.get());
                wanted = client.mergePatch(
                        Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(claim), Meta.name(claim), "", patch);
            }
        }
        Optional<ObjectNode> storageClass = classes.get(Key.cluster(Matching.storageClass(wanted)));
        boolean waits = storageClass
                        .filter(c -> c.path("volumeBindingMode").asText().equals("WaitForFirstConsumer"))
                        .isPresent()
                && !Meta.annotations(wanted).containsKey(WellKnownKeys.SELECTED_NODE);
        Optional<ObjectNode> volume = Matching.best(wanted, volumes.list(), waits)
                .flatMap(found -> client.get(Resources.PERSISTENT_VOLUMES, "", Meta.name(found)));
        if (volume.isPresent()) {
            bind(wanted, volume.get());
            return;
        }
        tellWhy(wanted, storageClass, waits);
        pending(wanted);
    }

    private void tellWhy(ObjectNode claim, Optional<ObjectNode> storageClass, boolean waits) {
        String name = Matching.storageClass(claim);
        if (waits) {
            events.normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        } else if (name.isEmpty()) {
            events.normal(
                    claim,
                    "FailedBinding",
                    "no persistent volumes available for this claim and no storage class is set");
        } else if (storageClass.isEmpty()) {
            events.warning(claim, "ProvisioningFailed", "storageclass.storage.k8s.io \"" + name + "\" not found");
        } else {
            askProvisioner(claim, storageClass.get().path("provisioner").asText());
        }
    }

    private void askProvisioner(ObjectNode claim, String provisioner) {
        if (provisioner.equals(Matching.NO_PROVISIONER)) {
            return;
        }
        boolean asked = PROVISIONER.stream()
                .allMatch(name -> provisioner.equals(Meta.annotations(claim).get(name)));
        if (!asked) {
            ObjectNode patch = MergePatches.asRead(claim);
            ObjectNode annotations = Meta.of(patch).putObject("annotations");
            PROVISIONER.forEach(name -> annotations.put(name, provisioner));
            client.mergePatch(Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(claim), Meta.name(claim), "", patch);
        }
        events.normal(
                claim,
                "ExternalProvisioning",
                "Waiting for a volume to be created either by the external provisioner '" + provisioner
                        + "' or manually by the system administrator. If volume creation is delayed, please verify that"
                        + " the provisioner is running and correctly registered.");
    }

    /// Idempotent: each step is left out where it is done.
    private void bind(ObjectNode claim, ObjectNode free) {
        ObjectNode volume = reserve(claim, free);
        ObjectNode status = StatusWriter.statusOf(volume);
        setPhase(volume, status, "Bound");
        volumeStatuses.write(volume, status);
        ObjectNode owner = complete(claim, volume);
        ObjectNode bound = StatusWriter.statusOf(owner);
        if (!bound.path("phase").asText().equals("Bound")) {
            bound.put("phase", "Bound");
            bound.set("accessModes", volume.path("spec").path("accessModes"));
            bound.set("capacity", volume.path("spec").path("capacity"));
            claimStatuses.write(owner, bound);
        }
    }

    private ObjectNode reserve(ObjectNode claim, ObjectNode volume) {
        JsonNode reference = volume.path("spec").path("claimRef");
        if (reference.path("uid").asText("").equals(Meta.uid(claim))) {
            return volume;
        }
        ObjectNode patch = MergePatches.asRead(volume);
        patch.putObject("spec")
                .set("claimRef", VolumeClaims.reference(claim).put("resourceVersion", Meta.resourceVersion(claim)));
        if (!reference.isObject()) {
            Meta.of(patch).putObject("annotations").put(BY_US, "yes");
        }
        return client.mergePatch(Resources.PERSISTENT_VOLUMES, "", Meta.name(volume), "", patch);
    }

    private ObjectNode complete(ObjectNode claim, ObjectNode volume) {
        boolean named = claim.path("spec").hasNonNull("volumeName");
        if (named && Meta.annotations(claim).containsKey(WellKnownKeys.BIND_COMPLETED)) {
            return claim;
        }
        ObjectNode patch = MergePatches.asRead(claim);
        ObjectNode annotations = Meta.of(patch).putObject("annotations").put(WellKnownKeys.BIND_COMPLETED, "yes");
        if (!named) {
            annotations.put(BY_US, "yes");
            patch.putObject("spec").put("volumeName", Meta.name(volume));
        }
        return client.mergePatch(
                Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(claim), Meta.name(claim), "", patch);
    }

    private void syncVolume(ObjectNode volume) {
        JsonNode reference = volume.path("spec").path("claimRef");
        if (!reference.isObject() || reference.path("uid").asText("").isEmpty()) {
            phase(volume, "Available");
            return;
        }
        String namespace = reference.path("namespace").asText();
        String name = reference.path("name").asText();
        Optional<ObjectNode> claim = client.get(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, name)
                .filter(found -> Meta.uid(found).equals(reference.path("uid").asText()));
        if (claim.isEmpty()) {
            // what becomes of its content is for its driver, see persistentVolumeReclaimPolicy
            phase(volume, "Released");
            return;
        }
        String chosen = claim.get().path("spec").path("volumeName").asText("");
        if (chosen.equals(Meta.name(volume))) {
            phase(volume, "Bound");
        } else if (chosen.isEmpty()) {
            syncClaim(claim.get());
        } else if (Meta.annotations(volume).containsKey(BY_US)) {
            free(volume);
        }
    }

    /// The claim has another volume: this one was reserved in vain.
    private void free(ObjectNode volume) {
        ObjectNode patch = MergePatches.asRead(volume);
        patch.putObject("spec").putNull("claimRef");
        Meta.of(patch).putObject("annotations").putNull(BY_US);
        phase(client.mergePatch(Resources.PERSISTENT_VOLUMES, "", Meta.name(volume), "", patch), "Available");
    }

    private void phase(ObjectNode volume, String phase) {
        ObjectNode status = StatusWriter.statusOf(volume);
        setPhase(volume, status, phase);
        volumeStatuses.write(volume, status);
    }

    private static void setPhase(ObjectNode volume, ObjectNode status, String phase) {
        if (!volume.path("status").path("phase").asText().equals(phase)) {
            status.put("phase", phase).put("lastPhaseTransitionTime", Meta.timestamp(Instant.now()));
        }
    }

    private void pending(ObjectNode claim) {
        ObjectNode status = StatusWriter.statusOf(claim);
        status.put("phase", "Pending");
        claimStatuses.write(claim, status);
    }

    private void lost(ObjectNode claim, String why) {
        if (claim.path("status").path("phase").asText().equals("Lost")) {
            return;
        }
        events.warning(claim, "ClaimLost", why);
        ObjectNode status = StatusWriter.statusOf(claim);
        status.put("phase", "Lost");
        claimStatuses.write(claim, status);
    }

    private Optional<String> defaultClass() {
        return classes.list().stream()
                .filter(c -> "true".equals(Meta.annotations(c).get(WellKnownKeys.DEFAULT_STORAGE_CLASS)))
                .max(Comparator.<ObjectNode, String>comparing(c ->
                                c.path("metadata").path("creationTimestamp").asText())
                        .thenComparing(Meta::name))
                .map(Meta::name);
    }

    private static Collection<Key> claimAndVolume(ObjectEvent event) {
        String volume = event.object().path("spec").path("volumeName").asText("");
        Key claim = Key.of(event.object());
        return volume.isEmpty() ? List.of(claim) : List.of(claim, Key.cluster(volume));
    }

    /// A new or freed volume may be what a claim waits for.
    private Collection<Key> volumeAndClaims(ObjectEvent event) {
        var keys = new ArrayList<Key>(pending());
        keys.add(Key.of(event.object()));
        JsonNode reference = event.object().path("spec").path("claimRef");
        if (reference.isObject()) {
            keys.add(new Key(
                    reference.path("namespace").asText(), reference.path("name").asText()));
        }
        return keys;
    }

    private Collection<Key> pending() {
        return claims.list().stream()
                .filter(claim -> !Meta.annotations(claim).containsKey(WellKnownKeys.BIND_COMPLETED))
                .map(Key::of)
                .toList();
    }
}
