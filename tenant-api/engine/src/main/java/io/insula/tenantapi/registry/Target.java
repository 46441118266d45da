package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;

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

    public Target withName(String other) {
        return new Target(kind, namespace, other, subresource);
    }

    public Target withSubresource(String other) {
        return new Target(kind, namespace, name, other);
    }

    /// What the URL takes and gives: the subresource's own kind where it has one.
    public GroupVersionKind bodyKind() {
        return spec().subresources().stream()
                .filter(s -> s.name().equals(subresource))
                .findFirst()
                .map(KindSpec.SubresourceSpec::kind)
                .orElse(spec().kind());
    }

    KindSpec spec() {
        return kind.spec();
    }
}
