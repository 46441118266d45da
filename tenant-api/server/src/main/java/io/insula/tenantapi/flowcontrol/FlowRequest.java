package io.insula.tenantapi.flowcontrol;

import io.insula.tenantapi.auth.UserInfo;

/// What classification looks at.
///
/// @param group empty for the core group
/// @param subresource empty where there is none
/// @param namespace empty at the cluster scope
/// @param path the URL path of a request that is for no resource, else empty
public record FlowRequest(
        UserInfo user, String verb, String group, String resource, String subresource, String namespace, String path) {

    boolean isForResource() {
        return path.isEmpty();
    }
}
