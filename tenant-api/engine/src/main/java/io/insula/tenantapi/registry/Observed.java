package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import java.util.Optional;

/// Reads kinds whose objects are made at each read instead of being stored. Thread-safe.
final class Observed {

    private final ServerServices services;

    Observed(ServerServices services) {
        this.services = services;
    }

    /// @throws io.insula.tenantapi.api.ApiException when there is none of this name
    ObjectNode get(ObservedKind kind, Target target) {
        return find(kind, target).orElseThrow(() -> kind.notObserved(target.name()));
    }

    Optional<ObjectNode> find(ObservedKind kind, Target target) {
        return kind.observe(services).stream()
                .filter(object -> Meta.name(object).equals(target.name())
                        && Meta.namespace(object).equals(target.namespace()))
                .findFirst();
    }

    /// All that the options select, on one page and of no revision.
    ObjectPage list(ObservedKind kind, Target target, ListOptions options) {
        options.validateList();
        var selection = Selection.of(kind, options.labelSelector(), options.fieldSelector(), target.name());
        var found = kind.observe(services).stream()
                .filter(object ->
                        target.namespace().isEmpty() || Meta.namespace(object).equals(target.namespace()))
                .filter(selection::matches)
                .toList();
        return new ObjectPage("", found, "", -1);
    }
}
