package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// The metadata that only the server writes. Source: kubernetes/apiserver, `rest.BeforeCreate`, `rest.BeforeUpdate`.
final class SystemFields {

    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int MAX_BASE = 58;

    private SystemFields() {}

    static void onCreate(KindSpec spec, ObjectNode object, Instant now) {
        ObjectNode metadata = Meta.of(object);
        metadata.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"));
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", Meta.timestamp(now));
        if (spec.generation()) {
            metadata.put("generation", 1);
        }
        if (spec.hasStatus()) {
            object.remove("status");
        }
    }

    static boolean generatesName(JsonNode object) {
        return Meta.name(object).isEmpty()
                && !object.path("metadata").path("generateName").asText("").isEmpty();
    }

    static void generateName(ObjectNode object) {
        String base = object.path("metadata").path("generateName").asText();
        var name = new StringBuilder(base.length() > MAX_BASE ? base.substring(0, MAX_BASE) : base);
        for (int i = 0; i < 5; i++) {
            name.append(SUFFIX_LETTERS.charAt(ThreadLocalRandom.current().nextInt(SUFFIX_LETTERS.length())));
        }
        Meta.of(object).put("name", name.toString());
    }

    /// Puts back what an update may not change.
    static void onUpdate(ObjectNode wanted, JsonNode current) {
        ObjectNode metadata = Meta.of(wanted);
        JsonNode old = current.path("metadata");
        metadata.remove("selfLink");
        for (String field :
                List.of("generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")) {
            restore(metadata, old, field);
        }
        if (Meta.uid(wanted).isEmpty()) {
            restore(metadata, old, "uid");
        }
        if (Meta.namespace(wanted).isEmpty()) {
            restore(metadata, old, "namespace");
        }
    }

    /// Whether anything but metadata (and, where it is kept apart, status) differs.
    static boolean specChanged(KindSpec spec, ObjectNode wanted, ObjectNode current) {
        return !Json.isSame(content(spec, wanted), content(spec, current));
    }

    static void countGeneration(ObjectNode object) {
        Meta.of(object).put("generation", Meta.generation(object) + 1);
    }

    /// What the main resource takes: everything but status.
    static void keepStatus(ObjectNode wanted, JsonNode current) {
        restore(wanted, current, "status");
    }

    /// What the status subresource takes: status, managedFields and these fields of metadata. The resourceVersion and
    /// uid stay those of the request, for the checks to come.
    static ObjectNode onlyStatus(ObjectNode wanted, ObjectNode current, Set<String> stored) {
        ObjectNode result = current.deepCopy();
        restore(result, wanted, "status");
        ObjectNode metadata = Meta.of(result);
        JsonNode asked = wanted.path("metadata");
        for (String field : List.of("resourceVersion", "uid", "managedFields")) {
            restore(metadata, asked, field);
        }
        stored.forEach(field -> restore(metadata, asked, field));
        return result;
    }

    /// What a subresource for one field takes: that field, absent where it is empty. The resourceVersion stays that of
    /// the request, for the check to come.
    static ObjectNode onlyField(ObjectNode wanted, ObjectNode current, List<String> path) {
        ObjectNode result = current.deepCopy();
        ObjectNode parent = result;
        JsonNode asked = wanted;
        for (String field : path.subList(0, path.size() - 1)) {
            parent = parent.withObjectProperty(field);
            asked = asked.path(field);
        }
        String last = path.getLast();
        if (asked.path(last).isEmpty()) {
            parent.remove(last);
        } else {
            restore(parent, asked, last);
        }
        Meta.of(result).put("resourceVersion", Meta.resourceVersion(wanted));
        return result;
    }

    /// Removes repeated owner references, as upstream does with a warning.
    static void dedupeOwners(ObjectNode object, List<String> warnings) {
        JsonNode owners = object.path("metadata").path("ownerReferences");
        if (owners.size() < 2) {
            return;
        }
        var seen = new HashSet<JsonNode>();
        boolean repeated = false;
        for (var all = owners.elements(); all.hasNext(); ) {
            if (!seen.add(all.next())) {
                all.remove();
                repeated = true;
            }
        }
        if (repeated) {
            warnings.add(".metadata.ownerReferences contains duplicate entries; API server dedups owner references in"
                    + " 1.20+, and may reject such requests as early as 1.24; please fix your requests");
        }
    }

    private static ObjectNode content(KindSpec spec, ObjectNode object) {
        ObjectNode copy = Json.object();
        copy.setAll(object);
        copy.remove(List.of("metadata", "apiVersion", "kind"));
        if (spec.hasStatus()) {
            copy.remove("status");
        }
        return copy;
    }

    private static void restore(ObjectNode to, JsonNode from, String field) {
        JsonNode value = from.get(field);
        if (value == null) {
            to.remove(field);
        } else {
            to.set(field, value.deepCopy());
        }
    }
}
