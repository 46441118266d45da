package io.insula.syncer.custom;

import org.jspecify.annotations.Nullable;

/// Where a custom kind names other objects. Immutable.
///
/// @param path of the name
/// @param syncer of the kind whose objects are named, and with it what their names on the host are made with
/// @param namespaceField the field beside the name that names their namespace; empty for the object's own
/// @param shown the rule by which the tenant sees those objects of the host's, where it is those that are named: by
///     the names that they have; null for objects of the tenant's own
record NamesOf(
        FieldPath path,
        String syncer,
        String namespaceField,
        @Nullable CustomKind shown) {

    NamesOf(FieldPath path, String syncer, String namespaceField) {
        this(path, syncer, namespaceField, null);
    }
}
