package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.Optional;

/// What a pod names, and its node must therefore be able to read. Pure.
///
/// Source: kubernetes, `pkg/api/v1/pod/util.go`, `VisitPodSecretNames` and `VisitPodConfigmapNames`.
final class PodNeeds {

    /// Volumes whose secret is `secretRef.name`.
    private static final List<String> WITH_SECRET_REF =
            List.of("cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos");

    private PodNeeds() {}

    static boolean isOn(JsonNode pod, String node) {
        return PodView.of(pod).nodeName().equals(node);
    }

    static boolean secrets(JsonNode pod, String name) {
        return named(pod.path("spec").path("imagePullSecrets"), "", name)
                || inContainers(pod, "secretKeyRef", "secretRef", name)
                || volumes(pod)
                        .anyMatch(volume -> is(volume.path("secret").path("secretName"), name)
                                || named(volume.path("projected").path("sources"), "secret", name)
                                || is(volume.path("azureFile").path("secretName"), name)
                                || is(
                                        volume.path("csi")
                                                .path("nodePublishSecretRef")
                                                .path("name"),
                                        name)
                                || WITH_SECRET_REF.stream()
                                        .anyMatch(kind -> is(
                                                volume.path(kind)
                                                        .path("secretRef")
                                                        .path("name"),
                                                name)));
    }

    static boolean configMaps(JsonNode pod, String name) {
        return inContainers(pod, "configMapKeyRef", "configMapRef", name)
                || volumes(pod)
                        .anyMatch(volume -> is(volume.path("configMap").path("name"), name)
                                || named(volume.path("projected").path("sources"), "configMap", name));
    }

    /// Also the claims that are made for the pod.
    static boolean claims(JsonNode pod, String name) {
        return volumes(pod)
                .anyMatch(volume -> is(volume.path("persistentVolumeClaim").path("claimName"), name)
                        || (volume.has("ephemeral")
                                && name.equals(Meta.name(pod) + "-"
                                        + volume.path("name").asText())));
    }

    static boolean serviceAccounts(JsonNode pod, String name) {
        return Optional.of(pod.path("spec").path("serviceAccountName").asText(""))
                .filter(account -> !account.isEmpty())
                .orElse("default")
                .equals(name);
    }

    private static boolean inContainers(JsonNode pod, String ofOne, String ofAll, String name) {
        for (ContainerView container : PodView.of(pod).spec().containers()) {
            if (named(container.tree().path("envFrom"), ofAll, name)) {
                return true;
            }
            for (JsonNode variable : container.tree().path("env")) {
                if (is(variable.path("valueFrom").path(ofOne).path("name"), name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// @param field of each item that has the name; empty where the item itself has it
    private static boolean named(JsonNode list, String field, String name) {
        return list.valueStream().anyMatch(item -> is((field.isEmpty() ? item : item.path(field)).path("name"), name));
    }

    private static java.util.stream.Stream<JsonNode> volumes(JsonNode pod) {
        return PodView.of(pod).spec().volumes().valueStream();
    }

    private static boolean is(JsonNode text, String name) {
        return text.isTextual() && text.asText().equals(name);
    }
}
