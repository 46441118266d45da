package io.insula.tenantapi.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.client.ObjectClient;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One admission plugin. Adding one is one file: a package-private `@Singleton` implementing [Mutating], [Validating]
/// or
/// both. Plugins are stateless; what they must know of the tenant they read through [Request#client].
public sealed interface AdmissionPlugin {

    PluginSpec spec();

    /// May change [Request#object] in place. Runs before validation, in upstream's order.
    non-sealed interface Mutating extends AdmissionPlugin {
        /// @throws io.insula.tenantapi.api.ApiException to refuse
        void admit(Request request);
    }

    /// May refuse. Runs after validation; must not change the object.
    non-sealed interface Validating extends AdmissionPlugin {
        /// @throws io.insula.tenantapi.api.ApiException to refuse
        void validate(Request request);
    }

    /// @param order upstream's position, ascending; ties by name
    record PluginSpec(String name, int order, Set<Operation> operations) {
        public PluginSpec {
            operations = Set.copyOf(operations);
        }
    }

    enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    /// A write being admitted.
    ///
    /// @param subresource empty for the main resource
    /// @param object the wanted object after defaulting; null for DELETE
    /// @param oldObject the stored object; null for CREATE; not to be changed
    /// @param warnings add texts here to send them as `Warning` headers
    record Request(
            Operation operation,
            GroupVersionResource resource,
            GroupVersionKind kind,
            String subresource,
            String namespace,
            String name,
            @Nullable ObjectNode object,
            @Nullable ObjectNode oldObject,
            UserInfo user,
            boolean dryRun,
            ObjectClient client,
            List<String> warnings) {}
}
