package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/// Finds the class that is marked as default: of several the newest, of equally old ones the first by name.
final class DefaultClasses {

    private DefaultClasses() {}

    static Optional<String> find(ObjectClient client, GroupVersionResource classes, String... annotations) {
        // newest first, as RFC 3339 texts in UTC order as times do
        Comparator<ObjectNode> order =
                Comparator.comparing(DefaultClasses::created).reversed().thenComparing(Meta::name);
        return client.list(classes, "", ObjectClient.Query.ALL).items().stream()
                .filter(candidate -> Arrays.stream(annotations)
                        .anyMatch(key -> Meta.annotations(candidate)
                                .getOrDefault(key, "")
                                .equals("true")))
                .min(order)
                .map(Meta::name);
    }

    private static String created(ObjectNode object) {
        return object.path("metadata").path("creationTimestamp").asText("");
    }
}
