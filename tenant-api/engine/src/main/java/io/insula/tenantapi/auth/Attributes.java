package io.insula.tenantapi.auth;

import java.util.Map;
import java.util.Optional;

/// What a request wants, as authorization sees it. For non-resource requests `path` is set and the resource fields
/// are empty.
///
/// @param verb get, list, watch, create, update, patch, delete, deletecollection, or a special one (bind, escalate …)
/// @param group empty for the core group
/// @param subresource empty where there is none
/// @param namespace empty at the cluster scope
/// @param name empty for collections
/// @param path the URL path of a non-resource request, else empty
/// @param selected what a list or watch asks of fields: the value that each must have
public record Attributes(
        UserInfo user,
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path,
        Map<String, String> selected) {

    public Attributes {
        selected = Map.copyOf(selected);
    }

    /// Without a selector.
    public Attributes(
            UserInfo user,
            String verb,
            String group,
            String version,
            String resource,
            String subresource,
            String namespace,
            String name,
            String path) {
        this(user, verb, group, version, resource, subresource, namespace, name, path, Map.of());
    }

    /// The value that only objects are wanted with; empty where any will do.
    public Optional<String> selects(String field) {
        return Optional.ofNullable(selected.get(field));
    }

    public boolean isResourceRequest() {
        return path.isEmpty();
    }
}
