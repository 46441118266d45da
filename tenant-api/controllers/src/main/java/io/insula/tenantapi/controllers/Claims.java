package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Decides which children belong to an owner with a selector, adopting matching orphans and releasing children whose
/// labels no longer match. Source: kubernetes, `pkg/controller/controller_ref_manager.go`.
///
/// @param owners the owner's resource
/// @param children the children's resource
/// @param finalizer what an adopted child gets and a released one loses; empty for none
public record Claims(
        ObjectClient client, GroupVersionResource owners, GroupVersionResource children, String finalizer) {

    public Claims(ObjectClient client, GroupVersionResource owners, GroupVersionResource children) {
        this(client, owners, children, "");
    }

    /// The children of `owner` among the candidates.
    ///
    /// @param adoptable which orphans may be adopted
    public List<ObjectNode> claim(
            ObjectNode owner, Collection<ObjectNode> candidates, Predicate<ObjectNode> adoptable) {
        return claim(owner, WorkloadView.of(owner).selector(), candidates, adoptable);
    }

    /// The same for an owner whose `LabelSelector` is not its `spec.selector`.
    public List<ObjectNode> claim(
            ObjectNode owner, JsonNode selector, Collection<ObjectNode> candidates, Predicate<ObjectNode> adoptable) {
        var mine = new ArrayList<ObjectNode>();
        boolean going = Meta.isBeingDeleted(owner);
        for (ObjectNode child : candidates) {
            Optional<JsonNode> controller = Owners.controllerOf(child);
            boolean matches = LabelSelectors.matches(selector, Meta.labels(child));
            if (controller.isPresent()) {
                if (!controller.get().path("uid").asText().equals(Meta.uid(owner))) {
                    continue;
                }
                if (matches) {
                    mine.add(child);
                } else if (!going) {
                    release(owner, child);
                }
            } else if (matches && !going && !Meta.isBeingDeleted(child) && adoptable.test(child)) {
                adopt(owner, child).ifPresent(mine::add);
            }
        }
        return mine;
    }

    private Optional<ObjectNode> adopt(ObjectNode owner, ObjectNode child) {
        boolean ownerLives = client.get(owners, Meta.namespace(owner), Meta.name(owner))
                .filter(live -> Meta.uid(live).equals(Meta.uid(owner)) && !Meta.isBeingDeleted(live))
                .isPresent();
        if (!ownerLives) {
            return Optional.empty();
        }
        ArrayNode references = references(child, "");
        references.add(Owners.controllerReference(owner));
        return patch(child, references, true);
    }

    private void release(ObjectNode owner, ObjectNode child) {
        patch(child, references(child, Meta.uid(owner)), false);
    }

    private static ArrayNode references(ObjectNode child, String withoutUid) {
        ArrayNode references = Json.MAPPER.createArrayNode();
        for (JsonNode reference : child.path("metadata").path("ownerReferences")) {
            if (!reference.path("uid").asText().equals(withoutUid)) {
                references.add(reference.deepCopy());
            }
        }
        return references;
    }

    private Optional<ObjectNode> patch(ObjectNode child, ArrayNode references, boolean adopted) {
        ObjectNode patch = MergePatches.asRead(child);
        ObjectNode meta = Meta.of(patch);
        meta.set("ownerReferences", references);
        if (!finalizer.isEmpty()) {
            ArrayNode finalizers = meta.putArray("finalizers");
            Meta.finalizers(child).stream().filter(f -> !f.equals(finalizer)).forEach(finalizers::add);
            if (adopted) {
                finalizers.add(finalizer);
            }
        }
        try {
            return Optional.of(client.mergePatch(children, Meta.namespace(child), Meta.name(child), "", patch));
        } catch (ApiException e) {
            if (e.is("NotFound")) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
