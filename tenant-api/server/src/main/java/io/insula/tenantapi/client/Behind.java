package io.insula.tenantapi.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient.ObjectList;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import java.util.List;

/// Objects that servers behind this one keep (aggregated API servers). Every call asks one of them, as a user that it
/// judges by its own rules; errors are [ApiException]s, as it tells them, 503 where it does not answer.
public interface Behind {

    /// As they last told, one version of each.
    List<ResourceInfo> resources();

    /// Of each object its metadata without annotations and managedFields, and nothing else.
    ///
    /// @param namespace empty for all
    ObjectList list(GroupVersionResource resource, String namespace, Query query, UserInfo user);

    /// @param options a `DeleteOptions` tree, may be empty
    ObjectNode delete(GroupVersionResource resource, String namespace, String name, ObjectNode options, UserInfo user);

    Behind NOBODY = new Behind() {
        @Override
        public List<ResourceInfo> resources() {
            return List.of();
        }

        @Override
        public ObjectList list(GroupVersionResource resource, String namespace, Query query, UserInfo user) {
            throw ApiException.noSuchResource();
        }

        @Override
        public ObjectNode delete(
                GroupVersionResource resource, String namespace, String name, ObjectNode options, UserInfo user) {
            throw ApiException.noSuchResource();
        }
    };
}
