package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Target;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/// Which host pod runs for a tenant's pod. It follows from the tenant, the namespace and the name, so that no request
/// can name another tenant's; the uid is checked besides, as a host pod may outlive its tenant pod. Thread-safe.
final class PodPairs {

    static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");

    private final NameMap names;
    private final KubernetesClient host;
    private final Supplier<ObjectClient> tenant;

    PodPairs(NameMap names, KubernetesClient host, Supplier<ObjectClient> tenant) {
        this.names = names;
        this.host = host;
        this.tenant = tenant;
    }

    /// The tenant's own.
    ///
    /// @throws ApiException 404 where the tenant has none of that name
    ObjectNode tenantPod(Target target) {
        return tenant.get()
                .get(PODS, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(PODS, target.name()));
    }

    /// The name of the pod that runs for it, in the tenant's host namespace.
    ///
    /// @throws ApiException 400 where none runs for this very pod
    String nameOf(ObjectNode pod, Target target) {
        String hostName = names.hostName("Pod", target.namespace(), target.name());
        Pod there;
        try {
            there = host.pods().inNamespace(namespace()).withName(hostName).get();
        } catch (KubernetesClientException e) {
            throw ApiException.unavailable("the shared cluster does not answer: HTTP " + e.getCode());
        }
        var annotations = there == null ? null : there.getMetadata().getAnnotations();
        if (annotations == null || !Meta.uid(pod).equals(annotations.get(InsulaLabels.UID))) {
            throw ApiException.badRequest(
                    "pod \"" + Meta.name(pod) + "\" does not run on the shared cluster, so has no "
                            + (target.subresource().equals("log") ? "logs" : target.subresource()));
        }
        return hostName;
    }

    /// The tenant's.
    String namespace() {
        return names.tenant().hostNamespace();
    }

    /// What the host says of its pod, in the tenant's words.
    ApiException refused(int code, byte[] body, Target target, String hostName) {
        String said = new String(body, StandardCharsets.UTF_8);
        String told = said.replace(hostName, target.name()).replace(namespace(), target.namespace());
        if (!said.startsWith("{")) {
            return ApiException.of(code, "InternalError", told.isBlank() ? "HTTP " + code : told.strip());
        }
        return ApiException.ofStatus(Json.parse(told.getBytes(StandardCharsets.UTF_8)));
    }
}
