package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/// A kind as both API servers serve it. Immutable.
///
/// @param group empty for the core group
/// @param plural the resource in the URL
public record KindRef<T extends HasMetadata>(
        Class<T> type, String group, String version, String kind, String plural, boolean namespaced) {

    public static <T extends HasMetadata> KindRef<T> of(Class<T> type, boolean namespaced) {
        var group = HasMetadata.getGroup(type);
        return new KindRef<>(
                type,
                group == null ? "" : group,
                HasMetadata.getVersion(type),
                HasMetadata.getKind(type),
                HasMetadata.getPlural(type),
                namespaced);
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// The URL path of one object, or of the collection where `name` is empty.
    String path(String namespace, String name) {
        return (group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version)
                + (namespaced && !namespace.isEmpty() ? "/namespaces/" + namespace : "")
                + "/" + plural
                + (name.isEmpty() ? "" : "/" + name);
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }
}
