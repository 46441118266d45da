package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import java.util.Set;

/// Reads kinds whose objects are made at each read instead of being stored. Thread-safe.
final class Observed {

    private static final Set<String> VERBS = Set.of("get", "list");

    private final ServerServices services;

    Observed(ServerServices services) {
        this.services = services;
    }

    static boolean isKind(ResourceKind kind) {
        return kind.spec().verbs().equals(VERBS);
    }

    /// @throws io.insula.tenantapi.api.ApiException when there is none of this name
    ObjectNode get(Target target) {
        return target.kind().observe(services).stream()
                .filter(object -> Meta.name(object).equals(target.name()))
                .findFirst()
                .orElseThrow(() -> target.kind().notObserved(target.name()));
    }

    /// All that the options select, on one page and of no revision.
    ObjectPage list(Target target, ListOptions options) {
        options.validateList();
        var selection = Selection.of(target.kind(), options.labelSelector(), options.fieldSelector(), target.name());
        var found = target.kind().observe(services).stream()
                .filter(selection::matches)
                .toList();
        return new ObjectPage("", found, "", -1);
    }
}
