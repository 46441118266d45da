package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.syncer.custom.CustomKind;
import io.insula.tenantapi.api.GroupVersionResource;

/// Kinds on the host whose end the control plane asks the tenant about ([EndedObjects]).
enum EndedKind {
    /// What a volume holds.
    CLAIM("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    /// What was held.
    SNAPSHOT("snapshot.storage.k8s.io", "v1", "VolumeSnapshot", "volumesnapshots"),
    /// Names of the outside, which another tenant may be waiting for.
    HOSTS("tenancy.insula.io", "v1alpha1", "IngressHosts", "ingresshosts");

    private final String group;
    private final String version;
    private final String kind;
    private final String plural;

    EndedKind(String group, String version, String kind, String plural) {
        this.group = group;
        this.version = version;
        this.kind = kind;
        this.plural = plural;
    }

    /// What wrote it, and the kind in its name.
    String syncer() {
        return this == SNAPSHOT ? kind + "." + group : kind;
    }

    ResourceDefinitionContext host() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(this != HOSTS)
                .build();
    }

    /// What it is made for in the tenant.
    GroupVersionResource inTenant() {
        return this == HOSTS
                ? new GroupVersionResource("networking.k8s.io", "v1", "ingresses")
                : new GroupVersionResource(group, version, plural);
    }

    /// Whether it is on the host by a rule of this kind.
    boolean isOf(CustomKind rule) {
        return !rule.isUp() && rule.name().equals(syncer());
    }
}
