package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Makes the group of administrators what it is, once in a store's life: whoever deletes the binding takes its rights
/// from every kubeconfig of the group, and no restart gives them back. Source of the idea: kubeadm's
/// `kubeadm:cluster-admins`.
final class ClusterAdmins {

    private static final GroupVersionResource BINDINGS =
            new GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterrolebindings");

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");

    private static final String RBAC = "rbac.authorization.k8s.io";

    private ClusterAdmins() {}

    /// A store that began anew, because it was lost, is another cluster: what was bound in the old one says nothing.
    ///
    /// @param folder the cluster's own, which goes when the cluster goes
    static void bindOnce(ObjectClient cluster, Path folder) {
        Path done = folder.resolve("cluster-admins");
        String identity = identity(cluster);
        if (identity.equals(read(done))) {
            return;
        }
        try {
            cluster.create(BINDINGS, "", binding());
        } catch (ApiException e) {
            // Made by an earlier run that ended before it could say so.
            if (e.code() != 409) {
                throw e;
            }
        }
        AtomicFiles.write(done, identity + "\n");
    }

    /// Empty where there is no such file.
    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /// As Kubernetes' own tools tell clusters apart: by a namespace that nobody can delete.
    private static String identity(ObjectClient cluster) {
        return cluster.get(NAMESPACES, "", "kube-system")
                .map(Meta::uid)
                .orElseThrow(() -> new IllegalStateException("the API server has begun to serve without kube-system"));
    }

    private static ObjectNode binding() {
        ObjectNode binding = Json.object().put("apiVersion", RBAC + "/v1").put("kind", "ClusterRoleBinding");
        binding.putObject("metadata").put("name", ClusterPki.CLUSTER_ADMINS);
        binding.putObject("roleRef")
                .put("apiGroup", RBAC)
                .put("kind", "ClusterRole")
                .put("name", "cluster-admin");
        binding.putArray("subjects")
                .addObject()
                .put("apiGroup", RBAC)
                .put("kind", "Group")
                .put("name", ClusterPki.CLUSTER_ADMINS);
        return binding;
    }
}
