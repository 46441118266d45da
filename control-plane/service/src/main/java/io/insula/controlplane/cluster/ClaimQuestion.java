package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.Clusters.OwnedClaim;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;

/// Whether a cluster has a claim no more. Pure but for what it reads.
final class ClaimQuestion {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
    private static final GroupVersionResource CLAIMS = new GroupVersionResource("", "v1", "persistentvolumeclaims");

    private ClaimQuestion() {}

    /// Of another cluster than the claim's, one that was lost and made anew, nothing has ended.
    static boolean hasEnded(OwnedClaim claim, ObjectClient cluster) {
        return !claim.cluster().isEmpty()
                && !claim.uid().isEmpty()
                && uid(cluster, NAMESPACES, "", "kube-system").equals(claim.cluster())
                && !uid(cluster, CLAIMS, claim.namespace(), claim.name()).equals(claim.uid());
    }

    /// Empty for what is not there.
    private static String uid(ObjectClient cluster, GroupVersionResource resource, String namespace, String name) {
        return cluster.get(resource, namespace, name)
                .map(object -> object.path("metadata").path("uid").asText(""))
                .orElse("");
    }
}
