package io.insula.tenantapi.api;

/// The full name of a kind. `group` is empty for the core group.
public record GroupVersionKind(String group, String version, String kind) {

    /// Splits an `apiVersion` (`v1`, `apps/v1`) and joins it with `kind`.
    public static GroupVersionKind of(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        return slash < 0
                ? new GroupVersionKind("", apiVersion, kind)
                : new GroupVersionKind(apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
    }

    /// `v1` for the core group, else `group/version`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    public GroupVersionKind withKind(String other) {
        return new GroupVersionKind(group, version, other);
    }

    @Override
    public String toString() {
        return apiVersion() + " " + kind;
    }
}
