package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import java.time.InstantSource;
import java.util.Optional;

/// The heartbeats of a tenant's Nodes, as kubelets give them by Leases: a node lifecycle controller that hears none for
/// a while takes every node for lost. They are the host's word: a Node of which the host has not heard has none.
///
/// Source: Kubernetes documentation, "Node heartbeats".
record NodeLeases(ObjectClient client, InstantSource clock) {

    private static final GroupVersionResource NODES = new GroupVersionResource("", "v1", "nodes");
    private static final GroupVersionResource LEASES = new GroupVersionResource("coordination.k8s.io", "v1", "leases");
    private static final String NAMESPACE = "kube-node-lease";

    /// As kubelets ask for it.
    private static final int DURATION_SECONDS = 40;

    /// One beat of each.
    ///
    /// @throws ApiException where the store does not answer now
    void beat() {
        for (ObjectNode node : client.list(NODES, "", Query.ALL).items()) {
            Condition ready = Condition.of(node, "Ready");
            if (ready.isTrue() || ready.isFalse()) {
                beat(node);
            }
        }
    }

    private void beat(ObjectNode node) {
        String name = Meta.name(node);
        ObjectNode spec = Json.object()
                .put("holderIdentity", name)
                .put("leaseDurationSeconds", DURATION_SECONDS)
                .put("renewTime", LeaderLease.MICRO_TIME.format(clock.instant()));
        Optional<ObjectNode> there = client.get(LEASES, NAMESPACE, name);
        try {
            if (there.isPresent()) {
                ObjectNode changed = there.get().deepCopy();
                changed.set("spec", spec);
                client.update(LEASES, NAMESPACE, "", changed);
            } else {
                client.create(LEASES, NAMESPACE, lease(node, spec));
            }
        } catch (ApiException e) {
            if (!e.is("Conflict") && !e.is("AlreadyExists")) {
                throw e;
            }
        }
    }

    /// It goes with its Node.
    private static ObjectNode lease(ObjectNode node, ObjectNode spec) {
        ObjectNode lease =
                Json.object().put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
        Meta.of(lease)
                .put("name", Meta.name(node))
                .put("namespace", NAMESPACE)
                .putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "v1")
                .put("kind", "Node")
                .put("name", Meta.name(node))
                .put("uid", Meta.uid(node));
        lease.set("spec", spec);
        return lease;
    }
}
