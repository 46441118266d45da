package io.insula.node.storage;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.node.client.NodeEvent;
import io.insula.node.client.OnChange;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import io.insula.rules.keys.WellKnownKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes volumes on this node's disk for the claims whose class names this provisioner and whose pods the
/// scheduler sent here; grows them, and deletes them as their reclaim policy says. Thread-safe: a reconcile loop with
/// one worker does everything.
///
/// Source: sig-storage-lib-external-provisioner; binding is the binder's.
public final class LocalProvisioner implements AutoCloseable {

    /// As a StorageClass names it.
    public static final String NAME = "insula.io/local";

    private static final Logger LOG = LoggerFactory.getLogger(LocalProvisioner.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(200);
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final String node;
    private final VolumeStore store;
    private final SharedIndexInformer<PersistentVolumeClaim> claims;
    private final SharedIndexInformer<PersistentVolume> volumes;
    private final SharedIndexInformer<StorageClass> classes;
    /// Why there was nothing to be done for a subject the last time.
    private final Map<Subject, String> failed = new ConcurrentHashMap<>();

    private final OwnThreads threads = OwnThreads.named("insula-volumes");
    private final ReconcileLoop<Subject> loop =
            new ReconcileLoop<>(ReconcileLoop.Settings.of("volumes", 1, BACKOFF), threads.lent(), new Work());

    /// What is looked at.
    private sealed interface Subject {

        /// @param key `namespace/name`, as the store has it
        record Claim(String key) implements Subject {}

        record Volume(String name) implements Subject {}
    }

    private LocalProvisioner(KubernetesClient client, String node, VolumeStore store) {
        this.client = client;
        this.node = node;
        this.store = store;
        this.claims = client.persistentVolumeClaims().inAnyNamespace().inform(new OnChange<>(this::lookAtClaim));
        this.volumes = client.persistentVolumes().inform(new OnChange<>(this::lookAtVolume));
        this.classes = client.storage().v1().storageClasses().inform(new OnChange<>(_ -> lookAtClaims()));
        loop.open();
    }

    /// @param client reads claims and classes, writes volumes, claims' statuses and Events; stays the
    ///     caller's
    public static LocalProvisioner start(KubernetesClient client, String node, VolumeStore store) {
        return new LocalProvisioner(client, node, store);
    }

    private void lookAtClaim(PersistentVolumeClaim claim) {
        loop.add(new Subject.Claim(keyOf(claim)));
        String volume = claim.getSpec().getVolumeName();
        if (volume != null && !volume.isEmpty()) {
            loop.add(new Subject.Volume(volume));
        }
    }

    private void lookAtVolume(PersistentVolume volume) {
        loop.add(new Subject.Volume(volume.getMetadata().getName()));
        var claim = volume.getSpec().getClaimRef();
        if (claim != null) {
            loop.add(new Subject.Claim(claim.getNamespace() + "/" + claim.getName()));
        }
    }

    private void lookAtClaims() {
        claims.getStore().list().forEach(this::lookAtClaim);
    }

    private static String keyOf(PersistentVolumeClaim claim) {
        return claim.getMetadata().getNamespace() + "/" + claim.getMetadata().getName();
    }

    private boolean isSynced() {
        return claims.hasSynced() && volumes.hasSynced() && classes.hasSynced();
    }

    private Optional<HasMetadata> object(Subject subject) {
        return Optional.ofNullable(
                switch (subject) {
                    case Subject.Claim(var key) -> claims.getStore().getByKey(key);
                    case Subject.Volume(var name) -> volumes.getStore().getByKey(name);
                });
    }

    private final class Work implements ReconcileLoop.Work<Subject> {

        @Override
        public Outcome reconcile(Subject subject) {
            if (!isSynced()) {
                return Outcome.after(UNTIL_SYNCED, "what the API server has");
            }
            object(subject).ifPresent(object -> {
                if (object instanceof PersistentVolumeClaim claim) {
                    provision(claim);
                } else if (object instanceof PersistentVolume volume && LocalVolume.isOf(volume, node)) {
                    bring(volume);
                }
            });
            failed.remove(subject);
            return Outcome.SETTLED;
        }

        @Override
        public void failed(Subject subject, RuntimeException cause, int failuresInARow, Duration retryIn) {
            String why = String.valueOf(cause.getMessage());
            if (why.equals(failed.put(subject, why))) {
                return;
            }
            object(subject).ifPresent(object -> {
                LOG.atWarn()
                        .addKeyValue("kind", object.getKind())
                        .addKeyValue("namespace", object.getMetadata().getNamespace())
                        .addKeyValue("name", object.getMetadata().getName())
                        .addKeyValue("problem", why)
                        .log("cannot serve a claim, trying again");
                tell(object, why);
            });
        }
    }

    private void tell(HasMetadata object, String why) {
        if (object instanceof PersistentVolumeClaim claim) {
            say(
                    claim,
                    "Warning",
                    "ProvisioningFailed",
                    "failed to provision volume with StorageClass \""
                            + claim.getSpec().getStorageClassName() + "\": " + why);
        } else if (object instanceof PersistentVolume volume) {
            claimOf(volume).ifPresent(claim -> say(claim, "Warning", "VolumeResizeFailed", why));
        }
    }

    private void provision(PersistentVolumeClaim claim) {
        var metadata = claim.getMetadata();
        boolean here = node.equals(Objects.requireNonNullElse(metadata.getAnnotations(), Map.<String, String>of())
                .get(WellKnownKeys.SELECTED_NODE));
        boolean bound = claim.getSpec().getVolumeName() != null
                && !claim.getSpec().getVolumeName().isEmpty();
        if (!here || bound || metadata.getDeletionTimestamp() != null) {
            return;
        }
        String name = LocalVolume.name(claim);
        Optional<StorageClass> storageClass =
                Optional.ofNullable(classes.getStore().getByKey(claim.getSpec().getStorageClassName()));
        if (storageClass.filter(c -> c.getProvisioner().equals(NAME)).isEmpty()
                || volumes.getStore().getByKey(name) != null) {
            return;
        }
        LocalVolume.refusal(claim, storageClass.get()).ifPresent(why -> {
            throw new VolumeException(why);
        });
        Path path = store.create(name, LocalVolume.bytes(LocalVolume.requested(claim)));
        try {
            client.resource(LocalVolume.of(claim, storageClass.get(), node, path))
                    .create();
            say(claim, "Normal", "ProvisioningSucceeded", "Successfully provisioned volume " + name);
        } catch (KubernetesClientException e) {
            // made before, and not yet heard of
            if (e.getCode() != 409) {
                throw e;
            }
        }
    }

    private void bring(PersistentVolume volume) {
        String phase = volume.getStatus() == null ? "" : volume.getStatus().getPhase();
        if ("Released".equals(phase)
                && "Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy())
                && volume.getMetadata().getDeletionTimestamp() == null) {
            store.remove(volume.getMetadata().getName());
            client.resource(volume).delete();
        } else if ("Bound".equals(phase)) {
            claimOf(volume).ifPresent(claim -> grow(volume, claim));
        }
    }

    /// A claim may ask for more later; its class has allowed that to admission.
    private void grow(PersistentVolume volume, PersistentVolumeClaim claim) {
        Quantity wanted = LocalVolume.requested(claim);
        String json = "{\"capacity\":{\"storage\":\"" + wanted + "\"}}";
        if (isMore(wanted, volume.getSpec().getCapacity())) {
            store.grow(volume.getMetadata().getName(), LocalVolume.bytes(wanted));
            client.persistentVolumes()
                    .withName(volume.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":" + json + "}");
        }
        if (claim.getStatus() != null
                && "Bound".equals(claim.getStatus().getPhase())
                && isMore(wanted, claim.getStatus().getCapacity())) {
            client.persistentVolumeClaims()
                    .inNamespace(claim.getMetadata().getNamespace())
                    .withName(claim.getMetadata().getName())
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":" + json + "}");
            say(
                    claim,
                    "Normal",
                    "FileSystemResizeSuccessful",
                    "MountVolume.NodeExpandVolume succeeded for volume \""
                            + volume.getMetadata().getName() + "\"");
        }
    }

    private static boolean isMore(Quantity wanted, Map<String, Quantity> capacity) {
        Quantity has = capacity == null ? null : capacity.get("storage");
        return has != null && LocalVolume.bytes(wanted) > LocalVolume.bytes(has);
    }

    private Optional<PersistentVolumeClaim> claimOf(PersistentVolume volume) {
        var reference = volume.getSpec().getClaimRef();
        return reference == null
                ? Optional.empty()
                : Optional.ofNullable(claims.getStore().getByKey(reference.getNamespace() + "/" + reference.getName()))
                        .filter(claim -> claim.getMetadata().getUid().equals(reference.getUid()));
    }

    private void say(PersistentVolumeClaim claim, String type, String reason, String message) {
        try {
            client.resource(new NodeEvent(NAME, node).of(claim, type, reason, message))
                    .create();
        } catch (KubernetesClientException e) {
            LOG.atDebug()
                    .addKeyValue("name", claim.getMetadata().getName())
                    .setCause(e)
                    .log("an event is lost");
        }
    }

    /// Volumes stay as they are.
    @Override
    public void close() {
        List.of(claims, volumes, classes).forEach(SharedIndexInformer::close);
        loop.closeWith(threads, CLOSE_WITHIN);
    }
}
