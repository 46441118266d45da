package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.io.IOException;
import java.util.Optional;

/// Takes out of a store that is another tenant's copy what only that one can have: what the host gave it, and what
/// gives access to it. May end between any two writes and be run again. Stateless.
final class CopiedStore {

    /// Source: kubernetes/kubernetes, `storage_factory.go`.
    private static final String ROOT = "/registry/";

    private static final int PAGE = 100;

    private CopiedStore() {}

    /// @param store on which nothing else works
    /// @throws IllegalStateException for an object that cannot be read: nobody knows what it would give away
    static void settle(Storage store) {
        CopiedObjects.RULES.forEach((path, rule) -> settle(store, ROOT + path + "/", rule));
    }

    private static void settle(Storage store, String prefix, CopiedObjects.Rule rule) {
        String next = "";
        StoragePage page;
        do {
            page = store.list(prefix, next, 0, PAGE);
            for (StoredValue value : page.values()) {
                settle(store, value, rule);
                next = value.key() + "\0";
            }
        } while (page.more());
    }

    private static void settle(Storage store, StoredValue value, CopiedObjects.Rule rule) {
        ObjectNode object = parsed(value);
        Optional<ObjectNode> own = rule.own(object.deepCopy());
        if (own.isEmpty()) {
            store.delete(value.key(), value.modRevision());
        } else if (!own.get().equals(object)) {
            store.update(value.key(), Json.bytes(own.get()), value.modRevision());
        }
    }

    private static ObjectNode parsed(StoredValue value) {
        try {
            JsonNode tree = Json.MAPPER.readTree(value.value());
            if (tree instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new IllegalStateException(value.key() + " of the backup cannot be read", e);
        }
        throw new IllegalStateException(value.key() + " of the backup is no object");
    }
}
