package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;

/// Pods in a cluster of a test, and what they need there.
final class ClusterPods {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");

    private ClusterPods() {}

    static Pod pod(String name, String namespace) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("i")
                .endContainer()
                .endSpec()
                .build();
    }

    static void account(TestCluster cluster, String namespace) {
        cluster.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    static void bind(TestCluster cluster, Pod pod) {
        ObjectNode binding = Json.object().put("apiVersion", "v1").put("kind", "Binding");
        binding.putObject("metadata").put("name", pod.getMetadata().getName());
        binding.putObject("target").put("kind", "Node").put("name", "n1");
        cluster.server()
                .client()
                .createSubresource(
                        PODS,
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        "binding",
                        binding);
    }
}
