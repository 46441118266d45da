package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.HostWords;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.TenantView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// What the host wrote about a tenant's object, on its way into the tenant: whatever is text there is told in the
/// tenant's words ([HostWords]).
final class HostTexts {

    /// Kinds of the host that a tenant's objects become.
    static final List<KindRef<?>> KINDS = List.of(
            Kinds.POD,
            Kinds.MACHINE,
            Kinds.CLAIM,
            Kinds.SERVICE,
            Kinds.CONFIG_MAP,
            Kinds.SECRET,
            Kinds.NETWORK_POLICY,
            Kinds.INGRESS,
            Kinds.ENDPOINT_SLICE);

    /// Reasons of ends of which a container itself may have left the last words.
    ///
    /// Source: Kubernetes documentation, "Determine the Reason for Pod Failure"; the runtimes for the names.
    private static final Set<String> ITS_OWN_END = Set.of("Completed", "Error", "OOMKilled");

    private static final String MESSAGE = "message";

    private HostTexts() {}

    /// @param tenant the object that is spoken of; its name and namespace are enough
    /// @param kind as in the name of its host object
    static HostWords words(HasMetadata tenant, String kind, HasMetadata host, TenantView view) {
        var namespace = Kinds.namespace(tenant);
        var pod = pod(tenant, kind, view);
        var references =
                pod.map(found -> Workloads.references(found, namespace)).orElse(Set.of());
        var images = pod.stream()
                .flatMap(found -> Stream.concat(
                        found.getSpec().getContainers().stream(), found.getSpec().getInitContainers().stream()))
                .flatMap(container -> Stream.ofNullable(container.getImage()))
                .toList();
        var uids = Map.of(
                Objects.requireNonNullElse(host.getMetadata().getUid(), "?"), Kinds.annotation(host, InsulaLabels.UID));
        return HostWords.about(tenant, kind, references, KINDS, uids, view).having(images);
    }

    private static Optional<Pod> pod(HasMetadata tenant, String kind, TenantView view) {
        if (tenant instanceof Pod pod) {
            return Optional.of(pod);
        }
        return kind.equals(Kinds.POD.kind())
                ? view.tenantObject(Kinds.POD, Kinds.namespace(tenant), Kinds.name(tenant))
                : Optional.empty();
    }

    /// Every `message` in the tree, but for the last words of the tenant's own containers.
    ///
    /// @param words asked for only where there is something to tell: they take a hash of each name that a pod has
    static void translate(JsonNode tree, Supplier<UnaryOperator<String>> words) {
        var told = tree.findParents(MESSAGE).stream()
                .map(ObjectNode.class::cast)
                .filter(object -> object.path(MESSAGE).isTextual() && !isOfAContainer(object))
                .toList();
        if (!told.isEmpty()) {
            var inTenantsWords = words.get();
            told.forEach(object -> object.put(
                    MESSAGE, inTenantsWords.apply(object.path(MESSAGE).asText())));
        }
    }

    private static boolean isOfAContainer(ObjectNode state) {
        return state.has("exitCode")
                && ITS_OWN_END.contains(state.path("reason").asText());
    }
}
