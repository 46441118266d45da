package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.Condition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What becomes of the objects of a tenant in a copy of it. Pure functions, and each of them done twice is done once.
///
/// The copy has neither the other one's keys nor anything of it on the host. So pods begin anew, Services and claims
/// get addresses and volumes of their own, Secrets get tokens of its own key, and what the control plane, the
/// syncer and the controllers write anew is left to them. Everything else, users' own objects and all UIDs,
/// stays as it was.
final class CopiedObjects {

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    /// Of the claims' binding.
    private static final List<String> BINDING = List.of(
            WellKnownKeys.BIND_COMPLETED,
            WellKnownKeys.BOUND_BY_CONTROLLER,
            WellKnownKeys.BETA_STORAGE_PROVISIONER,
            WellKnownKeys.STORAGE_PROVISIONER,
            WellKnownKeys.SELECTED_NODE);

    /// Who makes slices of what it finds: they are made anew.
    private static final Set<String> SLICE_MAKERS =
            Set.of("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io");

    /// By the path below `/registry/`.
    static final Map<String, Rule> RULES = Map.of(
            "pods", CopiedObjects::pod,
            "services/specs", CopiedObjects::service,
            "endpointslices", CopiedObjects::slice,
            "persistentvolumeclaims", CopiedObjects::claim,
            "persistentvolumes", CopiedObjects::volume,
            "secrets", CopiedObjects::secret,
            "configmaps", CopiedObjects::configMap,
            // whoever holds one works for the other tenant
            "leases", _ -> Optional.empty());

    private CopiedObjects() {}

    /// What one kind's objects become.
    @FunctionalInterface
    interface Rule {
        /// @param object the callee's own
        /// @return empty for what the copy does not have
        Optional<ObjectNode> own(ObjectNode object);
    }

    /// One that has ended stays as it ended; any other is to run, and was put nowhere yet.
    private static Optional<ObjectNode> pod(ObjectNode pod) {
        JsonNode status = pod.path("status");
        if (ENDED.contains(status.path("phase").asText()) || Meta.isBeingDeleted(pod)) {
            return Optional.of(pod);
        }
        if (Condition.in(status, "PodScheduled").isTrue() && pod.path("spec") instanceof ObjectNode spec) {
            spec.remove("nodeName");
        }
        ObjectNode fresh = Json.object().put("phase", "Pending");
        if (status.has("qosClass")) {
            fresh.set("qosClass", status.path("qosClass"));
        }
        pod.set("status", fresh);
        return Optional.of(pod);
    }

    private static Optional<ObjectNode> service(ObjectNode service) {
        if (isNamed(service, "default", "kubernetes")) {
            return Optional.empty();
        }
        if (service.path("spec") instanceof ObjectNode spec) {
            if (!spec.path("clusterIP").asText().equals("None")) {
                spec.remove(List.of("clusterIP", "clusterIPs"));
            }
            spec.remove("healthCheckNodePort");
            spec.path("ports").valueStream().forEach(port -> ((ObjectNode) port).remove("nodePort"));
        }
        service.putObject("status").putObject("loadBalancer");
        return Optional.of(service);
    }

    private static Optional<ObjectNode> slice(ObjectNode slice) {
        boolean isMade = SLICE_MAKERS.contains(Meta.labels(slice).getOrDefault(WellKnownKeys.SLICE_MANAGER, ""));
        return isMade || isNamed(slice, "default", "kubernetes") ? Optional.empty() : Optional.of(slice);
    }

    /// What was written to its volume is the other tenant's; it gets an empty one.
    private static Optional<ObjectNode> claim(ObjectNode claim) {
        if (claim.path("status").path("phase").asText().equals("Bound")) {
            if (claim.path("spec") instanceof ObjectNode spec) {
                spec.remove("volumeName");
            }
            if (claim.path("metadata").path("annotations") instanceof ObjectNode annotations) {
                annotations.remove(BINDING);
            }
            claim.putObject("status").put("phase", "Pending");
        }
        return Optional.of(claim);
    }

    private static Optional<ObjectNode> volume(ObjectNode volume) {
        boolean isHosts = InsulaLabels.SYNCER.equals(Meta.labels(volume).get(InsulaLabels.MANAGED_BY));
        return isHosts ? Optional.empty() : Optional.of(volume);
    }

    /// A token of a service account is filled in again; one by which nodes join is whoever's that knows it.
    private static Optional<ObjectNode> secret(ObjectNode secret) {
        String type = secret.path("type").asText();
        if (type.equals(WellKnownKeys.ACCOUNT_TOKEN) && secret.path("data") instanceof ObjectNode data) {
            data.remove(List.of("token", "ca.crt"));
            secret.remove("immutable");
        }
        return type.equals(WellKnownKeys.BOOTSTRAP_TOKEN) ? Optional.empty() : Optional.of(secret);
    }

    /// Those that say whose certificates are to be believed.
    private static Optional<ObjectNode> configMap(ObjectNode map) {
        boolean isTrust = Meta.name(map).equals("kube-root-ca.crt")
                || isNamed(map, "kube-system", "extension-apiserver-authentication");
        return isTrust ? Optional.empty() : Optional.of(map);
    }

    private static boolean isNamed(ObjectNode object, String namespace, String name) {
        return Meta.namespace(object).equals(namespace) && Meta.name(object).equals(name);
    }
}
