package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.Subresource.Effect;

/// What a call is about.
///
/// @param namespace empty for cluster-scoped kinds and, on collections, for all namespaces
/// @param name empty for collections
/// @param subresource empty for the main resource
public record Target(ResourceKind kind, String namespace, String name, String subresource) {

    public static Target collection(ResourceKind kind, String namespace) {
        return new Target(kind, namespace, "", "");
    }

    public static Target object(ResourceKind kind, String namespace, String name) {
        return new Target(kind, namespace, name, "");
    }

    /// The kind, where its objects are stored.
    ///
    /// @throws ApiException 405 for others
    StoredKind stored() {
        return switch (kind) {
            case StoredKind stored -> stored;
            case ObservedKind _, ReviewKind _ -> throw ApiException.methodNotAllowed();
        };
    }

    public Target withName(String other) {
        return new Target(kind, namespace, other, subresource);
    }

    public Target withSubresource(String other) {
        return new Target(kind, namespace, name, other);
    }

    /// What the URL takes and gives: the subresource's own kind where it has one.
    public GroupVersionKind bodyKind() {
        return spec().findSubresource(subresource).map(Subresource::kind).orElse(spec().kind());
    }

    /// What happens at this URL.
    ///
    /// @throws ApiException 404 when the kind has no such subresource
    public Effect effect() {
        return subresource.isEmpty() ? Subresource.MAIN : declared().effect();
    }

    /// @throws ApiException 404 when the kind has no such subresource
    Subresource declared() {
        return spec().findSubresource(subresource).orElseThrow(ApiException::noSuchResource);
    }

    /// Whether the kind answers, or somebody behind it, and not the engine.
    boolean isSpecial() {
        return !subresource.isEmpty() && declared().isSpecial();
    }

    /// Whether a change of the spec counts in metadata.generation.
    boolean isCounted() {
        return spec().generation() && (subresource.isEmpty() || declared().counted());
    }

    public KindSpec spec() {
        return kind.spec();
    }
}
