package io.insula.tenantapi.controllers.garbage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Who owns whom, by uid, over all resources. Thread-safe: guarded by its monitor; hands out immutable nodes.
final class OwnerGraph {

    private final Map<String, Node> byUid = new HashMap<>();
    private final Map<String, Set<String>> dependents = new HashMap<>();

    record Owner(GroupVersionKind kind, String name, String uid, boolean blocks) {}

    record Node(
            GroupVersionResource resource,
            Key key,
            String uid,
            List<Owner> owners,
            boolean going,
            List<String> finalizers) {

        static Node of(GroupVersionResource resource, ObjectNode object) {
            var owners = new ArrayList<Owner>();
            for (JsonNode ref : object.path("metadata").path("ownerReferences")) {
                owners.add(new Owner(
                        GroupVersionKind.of(
                                ref.path("apiVersion").asText(),
                                ref.path("kind").asText()),
                        ref.path("name").asText(),
                        ref.path("uid").asText(),
                        ref.path("blockOwnerDeletion").asBoolean()));
            }
            return new Node(
                    resource,
                    Key.of(object),
                    Meta.uid(object),
                    List.copyOf(owners),
                    Meta.isBeingDeleted(object),
                    Meta.finalizers(object));
        }

        boolean waitsForDependents() {
            return going && finalizers.contains("foregroundDeletion");
        }

        /// Whether the owner may not go before this.
        boolean isBlocking(String owner) {
            return owners.stream().anyMatch(o -> o.uid().equals(owner) && o.blocks());
        }

        boolean orphans() {
            return going && finalizers.contains("orphan");
        }
    }

    synchronized void put(Node node) {
        remove(node.uid());
        byUid.put(node.uid(), node);
        node.owners()
                .forEach(o -> dependents
                        .computeIfAbsent(o.uid(), u -> new HashSet<>())
                        .add(node.uid()));
    }

    synchronized void remove(String uid) {
        Node before = byUid.remove(uid);
        if (before == null) {
            return;
        }
        for (Owner owner : before.owners()) {
            dependents.computeIfPresent(owner.uid(), (u, all) -> {
                all.remove(uid);
                return all.isEmpty() ? null : all;
            });
        }
    }

    synchronized Optional<Node> get(String uid) {
        return Optional.ofNullable(byUid.get(uid));
    }

    synchronized List<Node> dependentsOf(String uid) {
        return dependents.getOrDefault(uid, Set.of()).stream()
                .map(byUid::get)
                .filter(Objects::nonNull)
                .toList();
    }
}
