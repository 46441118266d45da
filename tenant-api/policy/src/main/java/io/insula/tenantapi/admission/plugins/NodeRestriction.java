package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.rbac.NodeAuthorizer;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Holds each node to its own Node, Lease and pods, also in what it may write into them: no other node's pods, no
/// labels by which pods are placed, no taints, no token but one bound to a pod of its own.
///
/// Source: kubernetes/plugin/pkg/admission/noderestriction, wording included.
@Singleton
final class NodeRestriction implements AdmissionPlugin.Validating {

    private static final String LEASES = "kube-node-lease";
    private static final String RESTRICTED = "node-restriction.kubernetes.io";
    private static final Set<String> KUBELET_NAMESPACES = Set.of("kubelet.kubernetes.io", "node.kubernetes.io");
    /// Source: kubernetes, `staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go`.
    private static final Set<String> KUBELET_LABELS = Set.of(
            WellKnownKeys.HOSTNAME,
            WellKnownKeys.OPERATING_SYSTEM,
            WellKnownKeys.ARCHITECTURE,
            WellKnownKeys.ZONE,
            WellKnownKeys.REGION,
            WellKnownKeys.BETA_ZONE,
            WellKnownKeys.BETA_REGION,
            WellKnownKeys.BETA_INSTANCE_TYPE,
            WellKnownKeys.BETA_OPERATING_SYSTEM,
            WellKnownKeys.BETA_ARCHITECTURE,
            WellKnownKeys.INSTANCE_TYPE);

    @Override
    public PluginSpec spec() {
        return new PluginSpec("NodeRestriction", 50, Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE));
    }

    @Override
    public void validate(Request request) {
        NodeAuthorizer.nodeName(request.user()).ifPresent(node -> validate(node, request));
    }

    private static void validate(String node, Request request) {
        if (Requests.isForAny(request, "", "pods")) {
            pod(node, request);
        } else if (Requests.isForAny(request, "", "nodes")) {
            node(node, request);
        } else if (Requests.isForAny(request, "", "serviceaccounts")
                && request.subresource().equals("token")) {
            token(node, request);
        } else if (Requests.isForAny(request, "coordination.k8s.io", "leases")) {
            lease(node, request);
        } else if (Requests.isForAny(request, "storage.k8s.io", "csinodes")
                && !nameOf(request).equals(node)) {
            throw Requests.forbidden(request, "can only access CSINode with the same name as the requesting node");
        }
    }

    private static void pod(String node, Request request) {
        switch (request.subresource()) {
            case "" -> {
                if (request.operation() == Operation.CREATE) {
                    mirrorPod(node, request);
                } else if (request.operation() == Operation.DELETE) {
                    requireOn(
                            node,
                            request.oldObject(),
                            request,
                            "node \"" + node + "\" can only delete pods with spec.nodeName set to itself");
                } else {
                    throw Requests.forbidden(request, "unexpected operation " + request.operation());
                }
            }
            case "status" -> {
                requireOn(
                        node,
                        request.oldObject(),
                        request,
                        "node \"" + node + "\" can only update pod status for pods with spec.nodeName set to itself");
                if (!labels(request.oldObject()).equals(labels(request.object()))) {
                    throw Requests.forbidden(request, "node \"" + node + "\" cannot update labels through pod status");
                }
            }
            case "eviction" ->
                requireOn(
                        node,
                        podOf(request),
                        request,
                        "node \"" + node + "\" can only evict pods with spec.nodeName set to itself");
            default ->
                throw Requests.forbidden(
                        request,
                        "unexpected pod subresource \"" + request.subresource()
                                + "\", only status and eviction are allowed");
        }
    }

    /// A mirror pod shows what a node runs by a file of its own; it may name nothing of the cluster's.
    private static void mirrorPod(String node, Request request) {
        ObjectNode pod = Requests.object(request);
        if (!Meta.annotations(pod).containsKey(WellKnownKeys.MIRROR_POD)) {
            throw Requests.forbidden(
                    request,
                    "pod does not have \"" + WellKnownKeys.MIRROR_POD + "\" annotation, node \"" + node
                            + "\" can only create mirror pods");
        }
        requireOn(node, pod, request, "node \"" + node + "\" can only create pods with spec.nodeName set to itself");
        JsonNode owners = pod.path("metadata").path("ownerReferences");
        boolean ownedByNode = owners.size() == 1
                && owners.path(0).path("kind").asText().equals("Node")
                && owners.path(0).path("name").asText().equals(node);
        if (!ownedByNode) {
            throw Requests.forbidden(
                    request, "node \"" + node + "\" can only create pods with an owner reference set to itself");
        }
        String account = pod.path("spec").path("serviceAccountName").asText("");
        boolean named = PodView.of(pod)
                .spec()
                .volumes()
                .valueStream()
                .anyMatch(volume -> Stream.of("secret", "configMap", "persistentVolumeClaim", "projected", "ephemeral")
                        .anyMatch(volume::has));
        if (!account.isEmpty() || named) {
            throw Requests.forbidden(
                    request, "node \"" + node + "\" can not create pods that reference objects of the cluster");
        }
    }

    private static void node(String node, Request request) {
        String name = nameOf(request);
        if (!name.equals(node)) {
            throw Requests.forbidden(request, "node \"" + node + "\" is not allowed to modify node \"" + name + "\"");
        }
        if (request.operation() == Operation.DELETE) {
            throw Requests.forbidden(request, "node \"" + node + "\" is not allowed to delete itself");
        }
        var forbidden = new TreeSet<String>();
        Map<String, String> before = labels(request.oldObject());
        Map<String, String> after = labels(request.object());
        Stream.concat(before.keySet().stream(), after.keySet().stream())
                .filter(label -> !String.valueOf(before.get(label)).equals(String.valueOf(after.get(label))))
                .filter(NodeRestriction::isRestricted)
                .forEach(forbidden::add);
        if (!forbidden.isEmpty()) {
            throw Requests.forbidden(request, "is not allowed to modify labels: " + String.join(", ", forbidden));
        }
        ObjectNode old = request.oldObject();
        if (old != null
                && !old.path("spec")
                        .path("taints")
                        .equals(Requests.object(request).path("spec").path("taints"))) {
            throw Requests.forbidden(request, "node \"" + node + "\" is not allowed to modify taints");
        }
        if (!metadata(old, "ownerReferences").equals(metadata(request.object(), "ownerReferences"))) {
            throw Requests.forbidden(request, "node \"" + node + "\" is not allowed to modify ownerReferences");
        }
    }

    private static boolean isRestricted(String label) {
        int slash = label.indexOf('/');
        String namespace = slash < 0 ? "" : label.substring(0, slash);
        if (isIn(namespace, RESTRICTED)) {
            return true;
        }
        boolean kubernetes = isIn(namespace, "kubernetes.io") || isIn(namespace, "k8s.io");
        return kubernetes
                && !KUBELET_LABELS.contains(label)
                && KUBELET_NAMESPACES.stream().noneMatch(own -> isIn(namespace, own));
    }

    private static boolean isIn(String namespace, String domain) {
        return namespace.equals(domain) || namespace.endsWith("." + domain);
    }

    private static void token(String node, Request request) {
        JsonNode reference = Requests.object(request).path("spec").path("boundObjectRef");
        if (!reference.path("kind").asText("").equals("Pod")
                || !reference.path("apiVersion").asText("").equals("v1")
                || reference.path("name").asText("").isEmpty()) {
            throw Requests.forbidden(request, "node requested token not bound to a pod");
        }
        String uid = reference.path("uid").asText("");
        if (uid.isEmpty()) {
            throw Requests.forbidden(request, "node requested token with a pod binding without a uid");
        }
        ObjectNode pod = request.client()
                .get(
                        Requests.core("pods"),
                        request.namespace(),
                        reference.path("name").asText())
                .orElseThrow(
                        () -> Requests.forbidden(request, "node requested token bound to a pod that is not there"));
        if (!uid.equals(Meta.uid(pod))) {
            throw Requests.forbidden(
                    request,
                    "the UID in the bound object reference (" + uid
                            + ") does not match the UID in record. The object might have been deleted and then recreated");
        }
        requireOn(node, pod, request, "node requested token bound to a pod scheduled on a different node");
    }

    private static void lease(String node, Request request) {
        if (!request.namespace().equals(LEASES)) {
            throw Requests.forbidden(request, "can only access leases in the \"" + LEASES + "\" system namespace");
        }
        if (!nameOf(request).equals(node)) {
            throw Requests.forbidden(request, "can only access node lease with the same name as the requesting node");
        }
    }

    private static @Nullable ObjectNode podOf(Request request) {
        return request.client()
                .get(Requests.core("pods"), request.namespace(), nameOf(request))
                .orElse(null);
    }

    private static void requireOn(String node, @Nullable ObjectNode pod, Request request, String otherwise) {
        if (pod == null || !PodView.of(pod).nodeName().equals(node)) {
            throw Requests.forbidden(request, otherwise);
        }
    }

    private static String nameOf(Request request) {
        ObjectNode object = request.object();
        return request.name().isEmpty() && object != null ? Meta.name(object) : request.name();
    }

    private static Map<String, String> labels(@Nullable ObjectNode object) {
        return object == null ? Map.of() : Meta.labels(object);
    }

    private static JsonNode metadata(@Nullable ObjectNode object, String field) {
        return object == null
                ? MissingNode.getInstance()
                : object.path("metadata").path(field);
    }
}
