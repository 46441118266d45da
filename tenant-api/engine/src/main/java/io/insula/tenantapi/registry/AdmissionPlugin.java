package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// One admission plugin. Adding one is one file: a package-private `@Singleton` implementing [Mutating],
/// [Validating] or both. Plugins are stateless; what they must know of the tenant they read through
/// [Request#client], and ask of [Request#authorizer].
public sealed interface AdmissionPlugin {

    PluginSpec spec();

    /// May change [Request#object] in place. Runs before validation, in upstream's order.
    non-sealed interface Mutating extends AdmissionPlugin {
        /// @throws io.insula.tenantapi.api.ApiException to refuse
        void admit(Request request);

        /// The same, and whether the other mutating plugins must look at the object again: where a change comes from
        /// outside, they have not seen it.
        default boolean admitAndTell(Request request) {
            admit(request);
            return false;
        }
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
    /// @param client reads as the server itself
    /// @param authorizer decides for this server what somebody may do
    /// @param warnings add texts here to send them as `Warning` headers
    /// @param annotate takes annotations of the audit event, by key and value
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
            Authorizer authorizer,
            List<String> warnings,
            BiConsumer<String, String> annotate) {}
}
