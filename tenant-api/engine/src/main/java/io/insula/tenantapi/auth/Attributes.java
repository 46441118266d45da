package io.insula.tenantapi.auth;

/// What a request wants, as authorization sees it. For non-resource requests `path` is set and the resource fields are
/// empty.
///
/// @param verb get, list, watch, create, update, patch, delete, deletecollection, or a special one (bind, escalate …)
/// @param group empty for the core group
/// @param subresource empty where there is none
/// @param namespace empty at the cluster scope
/// @param name empty for collections
/// @param path the URL path of a non-resource request, else empty
public record Attributes(
        UserInfo user,
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path) {

    public boolean isResourceRequest() {
        return path.isEmpty();
    }
}
