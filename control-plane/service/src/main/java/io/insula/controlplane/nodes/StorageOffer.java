package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.host.HostSetup;
import io.insula.rules.keys.WellKnownKeys;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Has the embedded host offer the StorageClasses of its node back ends, and no others of them. Which is
/// the default is only decided when one comes or goes: whatever else somebody has written into them stays.
final class StorageOffer {

    private final KubernetesClient host;

    StorageOffer(KubernetesClient host) {
        this.host = host;
    }

    /// Claims that name no class get one of nodes that really run, where there are such.
    void offer(List<NodeBackEnd> used, List<NodeBackEnd> unused) {
        boolean changed = false;
        List<String> offered = names(used);
        for (String name : names(unused)) {
            if (offered.contains(name)) {
                continue;
            }
            changed |= !host.storage()
                    .v1()
                    .storageClasses()
                    .withName(name)
                    .delete()
                    .isEmpty();
        }
        for (String name : offered) {
            if (found(name).isEmpty()) {
                host.resource(HostSetup.storageClass(name)).create();
                changed = true;
            }
        }
        if (changed && !isDefault(offered)) {
            for (String name : offered) {
                mark(name, name.equals(offered.getFirst()));
            }
        }
    }

    private static List<String> names(List<NodeBackEnd> backEnds) {
        return backEnds.stream()
                .sorted(Comparator.comparing(NodeBackEnd::isReal).reversed())
                .flatMap(each -> each.storageClass().stream())
                .toList();
    }

    private Optional<StorageClass> found(String name) {
        return Optional.ofNullable(
                host.storage().v1().storageClasses().withName(name).get());
    }

    /// Whether another class than those is the default already.
    private boolean isDefault(List<String> ours) {
        return host.storage().v1().storageClasses().list().getItems().stream()
                .filter(each -> !ours.contains(each.getMetadata().getName()))
                .anyMatch(StorageOffer::isMarked);
    }

    private static boolean isMarked(StorageClass storageClass) {
        return "true"
                .equals(Objects.requireNonNullElse(
                                storageClass.getMetadata().getAnnotations(), Map.<String, String>of())
                        .get(WellKnownKeys.DEFAULT_STORAGE_CLASS));
    }

    private void mark(String name, boolean isDefault) {
        found(name)
                .filter(each -> isMarked(each) != isDefault)
                .ifPresent(each -> host.resource(new StorageClassBuilder(each)
                                .editMetadata()
                                .addToAnnotations(WellKnownKeys.DEFAULT_STORAGE_CLASS, Boolean.toString(isDefault))
                                .endMetadata()
                                .build())
                        .update());
    }
}
