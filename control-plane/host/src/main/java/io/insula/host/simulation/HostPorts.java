package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.util.HashSet;
import java.util.Set;

/// The ports of a node that its pods take: a kubelet refuses a pod that was put on a node by hand, or by a scheduler
/// that did not look.
final class HostPorts {

    private HostPorts() {}

    /// Whether another pod that runs on the same node has one of this pod's.
    static boolean collide(ObjectClient client, ObjectNode pod) {
        Set<String> wanted = of(pod);
        if (wanted.isEmpty()) {
            return false;
        }
        var here = new ObjectClient.Query("", "spec.nodeName=" + PodView.of(pod).nodeName());
        for (ObjectNode other : client.list(Resources.PODS, "", here).items()) {
            boolean admitted = other.path("status").hasNonNull("startTime")
                    && !PodView.of(other).isTerminal();
            if (admitted
                    && !Meta.uid(other).equals(Meta.uid(pod))
                    && of(other).stream().anyMatch(wanted::contains)) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> of(JsonNode pod) {
        var ports = new HashSet<String>();
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            for (JsonNode port : container.ports()) {
                if (port.path("hostPort").asInt() > 0) {
                    ports.add(port.path("protocol").asText("TCP") + "/"
                            + port.path("hostPort").asInt());
                }
            }
        }
        return ports;
    }
}
