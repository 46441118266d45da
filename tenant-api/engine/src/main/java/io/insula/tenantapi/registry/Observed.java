package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;

/// Reads kinds whose objects are made at each read instead of being stored. Thread-safe.
final class Observed {

    private final ServerServices services;

    Observed(ServerServices services) {
        this.services = services;
    }

    /// @throws io.insula.tenantapi.api.ApiException when there is none of this name
    ObjectNode get(ObservedKind kind, String name) {
        return kind.observe(services).stream()
                .filter(object -> Meta.name(object).equals(name))
                .findFirst()
                .orElseThrow(() -> kind.notObserved(name));
    }

    /// All that the options select, on one page and of no revision.
    ObjectPage list(ObservedKind kind, String name, ListOptions options) {
        options.validateList();
        var selection = Selection.of(kind, options.labelSelector(), options.fieldSelector(), name);
        var found = kind.observe(services).stream().filter(selection::matches).toList();
        return new ObjectPage("", found, "", -1);
    }
}
