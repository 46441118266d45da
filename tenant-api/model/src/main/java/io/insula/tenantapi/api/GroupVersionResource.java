package io.insula.tenantapi.api;

/// The full name of a resource: `resource` is the lower-case plural of the URL. `group` is empty for the core group.
public record GroupVersionResource(String group, String version, String resource) {

    /// `v1` for the core group, else `group/version`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// `pods`, `deployments.apps`: how messages name a resource.
    public String qualified() {
        return group.isEmpty() ? resource : resource + "." + group;
    }

    @Override
    public String toString() {
        return qualified() + "/" + version;
    }
}
