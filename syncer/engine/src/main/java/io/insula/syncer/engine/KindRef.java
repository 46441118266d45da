package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Comparator;

/// A kind as both API servers serve it. Immutable.
///
/// @param group empty for the core group
/// @param plural the resource in the URL
public record KindRef<T extends HasMetadata>(
        Class<T> type, String group, String version, String kind, String plural, boolean namespaced) {

    /// What makes a kind this one and no other: two groups may have kinds of one name. Immutable.
    ///
    /// @param group empty for the core group
    public record Id(String group, String version, String kind) implements Comparable<Id> {

        private static final Comparator<Id> ORDER =
                Comparator.comparing(Id::kind).thenComparing(Id::group).thenComparing(Id::version);

        @Override
        public int compareTo(Id other) {
            return ORDER.compare(this, other);
        }

        /// `ConfigMap`, `VirtualMachineInstance.v1.kubevirt.io`.
        @Override
        public String toString() {
            return group.isEmpty() ? kind : kind + "." + version + "." + group;
        }
    }

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

    public Id id() {
        return new Id(group, version, kind);
    }

    /// Whether the object is of this kind, in this version.
    boolean isOf(HasMetadata object) {
        return kind.equals(object.getKind()) && apiVersion().equals(object.getApiVersion());
    }

    /// Whether Kubernetes itself brings it.
    boolean isBuiltIn() {
        return group.isEmpty() || !group.contains(".") || group.endsWith(".k8s.io");
    }

    /// What a syncer of this kind is called, and its objects' names on the host are made with. No two of Kubernetes'
    /// own kinds that are synced have one name; anybody else's come with their group.
    String name() {
        return isBuiltIn() ? kind : kind + "." + group;
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
