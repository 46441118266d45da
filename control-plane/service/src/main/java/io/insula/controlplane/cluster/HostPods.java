package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.rules.network.IpAddress;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.webhook.RunningPods;
import java.util.Objects;
import java.util.stream.Stream;

/// Whether a tenant's pod runs, by the word of the host pod that runs for it: asked each time, since an address is
/// another tenant's soon after its pod is gone. Thread-safe.
///
/// A pod on its node's network has no address to itself and counts as none.
record HostPods(NameMap names, KubernetesClient host) implements RunningPods {

    @Override
    public boolean run(JsonNode pod, IpAddress address) {
        Pod there;
        try {
            there = host.pods()
                    .inNamespace(names.tenant().hostNamespace())
                    .withName(names.hostName("Pod", Meta.namespace(pod), Meta.name(pod)))
                    .get();
        } catch (KubernetesClientException e) {
            return false;
        }
        return there != null && isFor(there, Meta.uid(pod)) && hasToItself(there, address);
    }

    private static boolean isFor(Pod there, String uid) {
        var annotations = there.getMetadata().getAnnotations();
        return annotations != null && uid.equals(annotations.get(InsulaLabels.UID));
    }

    private static boolean hasToItself(Pod there, IpAddress address) {
        if (there.getStatus() == null
                || !"Running".equals(there.getStatus().getPhase())
                || Boolean.TRUE.equals(there.getSpec().getHostNetwork())) {
            return false;
        }
        return Stream.concat(
                        Stream.ofNullable(there.getStatus().getPodIP()),
                        there.getStatus().getPodIPs().stream().map(PodIP::getIp))
                .filter(Objects::nonNull)
                .flatMap(text -> IpAddress.parse(text).stream())
                .anyMatch(address::equals);
    }
}
