package io.insula.tenantapi.registry;

/// One served kind. Adding a kind is one file: a package-private `@Singleton` that implements one of the three roles.
/// Kinds are stateless and shared by all servers of a JVM.
///
/// - [StoredKind]: objects are written, kept and watched: nearly all kinds
/// - [ObservedKind]: objects are made at each read
/// - [ReviewKind]: what is posted is answered, and nothing is kept
public sealed interface ResourceKind permits ReadableKind, ReviewKind {

    KindSpec spec();

    /// Whether objects come from a CustomResourceDefinition: strategic merge patches and protobuf are not taken,
    /// items of lists carry their apiVersion and kind, and schema defaults are filled on every read.
    default boolean isCustom() {
        return false;
    }

    /// Sent as a `Warning` header with every answer about this kind; empty for none.
    default String deprecationWarning() {
        return "";
    }
}
