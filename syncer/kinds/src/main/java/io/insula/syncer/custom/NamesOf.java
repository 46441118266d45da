package io.insula.syncer.custom;

/// Where a custom kind names other objects. Immutable.
///
/// @param path of the name
/// @param syncer of the kind whose objects are named, and with it what their names on the host are made with
/// @param namespaceField the field beside the name that names their namespace; empty for the object's own
record NamesOf(FieldPath path, String syncer, String namespaceField) {}
