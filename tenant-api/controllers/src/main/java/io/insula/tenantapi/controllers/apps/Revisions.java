package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Claims;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The template history of stateful sets and daemon sets: one ControllerRevision for each pod template they ever had.
/// A revision is known by its template, not by its hash, so those that another server wrote are found too.
/// Source: kubernetes, `pkg/controller/history/controller_history.go`.
final class Revisions {

    private static final Comparator<ObjectNode> OLDEST_FIRST = Comparator.<ObjectNode>comparingLong(Revisions::number)
            .<Instant>thenComparing(ReplicaSets::created)
            .thenComparing(Meta::name);

    private final ObjectClient client;
    private final Store store;
    private final Claims claims;
    private final String hashLabel;

    /// @param hashLabel the label under which a revision carries its hash
    Revisions(ObjectClient client, Store store, GroupVersionResource owners, String hashLabel) {
        this.client = client;
        this.store = store;
        this.claims = new Claims(client, owners, Resources.CONTROLLER_REVISIONS);
        this.hashLabel = hashLabel;
    }

    /// @param all oldest first, `newest` included
    /// @param newest the one of the owner's present template
    record History(List<ObjectNode> all, ObjectNode newest, int collisionCount) {}

    static long number(JsonNode revision) {
        return revision.path("revision").asLong();
    }

    /// The pod template that a revision keeps.
    static ObjectNode template(JsonNode revision) {
        ObjectNode template =
                revision.at("/data/spec/template") instanceof ObjectNode kept ? kept.deepCopy() : Json.object();
        template.remove("$patch");
        return template;
    }

    /// All revisions of `owner`, with one for its present template: found, raised to the top or made.
    History of(ObjectNode owner) {
        var all = new ArrayList<>(claims.claim(owner, store.inNamespace(Meta.namespace(owner)), revision -> true));
        all.sort(OLDEST_FIRST);
        JsonNode template = WorkloadView.of(owner).template();
        int collisions = owner.path("status").path("collisionCount").asInt();
        long last = all.isEmpty() ? 0 : number(all.getLast());
        List<ObjectNode> same = all.stream()
                .filter(revision -> PodTemplates.equal(template(revision), template))
                .toList();
        if (same.isEmpty()) {
            return create(owner, all, collisions, last + 1);
        }
        ObjectNode found = same.getLast();
        if (number(found) < last) {
            ObjectNode raised = raise(found, last + 1);
            all.remove(found);
            all.add(raised);
            return new History(List.copyOf(all), raised, collisions);
        }
        return new History(List.copyOf(all), found, collisions);
    }

    Optional<ObjectNode> named(History history, String name) {
        return history.all().stream()
                .filter(revision -> Meta.name(revision).equals(name))
                .findFirst();
    }

    /// Deletes the oldest revisions that nothing needs any more, down to the owner's `revisionHistoryLimit`.
    void truncate(ObjectNode owner, History history, Predicate<ObjectNode> needed) {
        if (Meta.isBeingDeleted(owner)) {
            return;
        }
        List<ObjectNode> unused = history.all().stream().filter(needed.negate()).toList();
        int excess =
                unused.size() - owner.path("spec").path("revisionHistoryLimit").asInt(10);
        for (ObjectNode revision : unused.subList(0, Math.max(0, excess))) {
            try {
                client.delete(
                        Resources.CONTROLLER_REVISIONS,
                        Meta.namespace(revision),
                        Meta.name(revision),
                        PodWriter.onlyIf(revision));
            } catch (ApiException e) {
                if (!PodWriter.isGone(e)) {
                    throw e;
                }
            }
        }
    }

    private ObjectNode raise(ObjectNode revision, long number) {
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("resourceVersion", Meta.resourceVersion(revision));
        patch.put("revision", number);
        return client.mergePatch(
                Resources.CONTROLLER_REVISIONS, Meta.namespace(revision), Meta.name(revision), "", patch);
    }

    private History create(ObjectNode owner, List<ObjectNode> known, int firstCollisions, long number) {
        JsonNode template = WorkloadView.of(owner).template();
        int collisions = firstCollisions;
        while (true) {
            ObjectNode wanted = revision(owner, PodTemplates.hash(template, collisions), number);
            try {
                ObjectNode made = client.create(Resources.CONTROLLER_REVISIONS, Meta.namespace(owner), wanted);
                return with(known, made, collisions);
            } catch (ApiException e) {
                if (!e.is("AlreadyExists")) {
                    throw e;
                }
            }
            Optional<ObjectNode> there =
                    client.get(Resources.CONTROLLER_REVISIONS, Meta.namespace(owner), Meta.name(wanted));
            if (there.isPresent()
                    && Owners.isControlledBy(there.get(), owner)
                    && PodTemplates.equal(template(there.get()), template)) {
                return with(known, there.get(), collisions);
            }
            collisions++;
        }
    }

    private static History with(List<ObjectNode> known, ObjectNode newest, int collisions) {
        var all = new ArrayList<>(known);
        all.add(newest);
        return new History(List.copyOf(all), newest, collisions);
    }

    private ObjectNode revision(ObjectNode owner, String hash, long number) {
        ObjectNode revision = Json.object().put("apiVersion", "apps/v1").put("kind", "ControllerRevision");
        ObjectNode meta = revision.putObject("metadata")
                .put("name", Meta.name(owner) + "-" + hash)
                .put("namespace", Meta.namespace(owner));
        ObjectNode labels = meta.putObject("labels");
        JsonNode template = WorkloadView.of(owner).template();
        template.path("metadata").path("labels").properties().forEach(e -> labels.set(e.getKey(), e.getValue()));
        labels.put(hashLabel, hash);
        if (!Meta.annotations(owner).isEmpty()) {
            meta.set("annotations", owner.path("metadata").path("annotations").deepCopy());
        }
        meta.putArray("ownerReferences").add(Owners.controllerReference(owner));
        ObjectNode kept = template.deepCopy();
        kept.put("$patch", "replace");
        // upstream compares the bytes, and writes maps: keys in order at every depth
        JsonNode sorted = PodTemplates.sorted(kept);
        revision.putObject("data").putObject("spec").set(WorkloadView.TEMPLATE, sorted);
        return revision.put("revision", number);
    }
}
