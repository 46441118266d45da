package io.insula.node.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.node.probe.Probing;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.volumes.PodVolumes;

/// What all pods of a node share.
record NodeContext(
        NodeSettings settings,
        KubernetesClient client,
        ContainerRuntime runtime,
        ApiSources sources,
        PodVolumes volumes,
        PodEvents events,
        Probing probing,
        PodAnnouncer announcer,
        Neighbours neighbours) {

    NodeContext with(Neighbours others) {
        return new NodeContext(settings, client, runtime, sources, volumes, events, probing, announcer, others);
    }
}
