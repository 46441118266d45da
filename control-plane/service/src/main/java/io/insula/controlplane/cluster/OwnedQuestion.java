package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.Clusters.OwnedObject;
import io.insula.controlplane.tenant.Clusters.Said;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;

/// What a cluster has of an object now. Pure but for what it reads.
final class OwnedQuestion {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private OwnedQuestion() {}

    /// Another cluster than the object's, one that was lost and made anew, says nothing, nor does one that has lost the
    /// definition of its kind.
    static Said ask(OwnedObject owned, ObjectClient cluster) {
        boolean isItsOwn = !owned.cluster().isEmpty()
                && cluster.get(NAMESPACES, "", "kube-system")
                        .filter(system -> system.at("/metadata/uid").asText("").equals(owned.cluster()))
                        .isPresent();
        if (!isItsOwn || !isServed(owned.resource(), cluster)) {
            return new Said.Nothing();
        }
        return cluster.get(owned.resource(), owned.namespace(), owned.name())
                .<Said>map(Said.There::new)
                .orElseGet(Said.Gone::new);
    }

    /// Kubernetes' own kinds, whose groups have no definitions, always are.
    private static boolean isServed(GroupVersionResource resource, ObjectClient cluster) {
        return !resource.group().equals("snapshot.storage.k8s.io")
                || cluster.get(DEFINITIONS, "", resource.resource() + "." + resource.group())
                        .isPresent();
    }
}
