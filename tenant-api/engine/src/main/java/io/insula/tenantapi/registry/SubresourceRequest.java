package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.UnaryOperator;

/// A call of a subresource other than `status` and `scale`.
///
/// @param name of the subresource, e.g. `binding`
/// @param verb get, create, update or patch; for patches `body` already is the patched object
/// @param current the stored main object; the kind's own copy
/// @param body the request's object; empty for get
/// @param store replaces the main object if nobody else changed it meanwhile, retrying on conflict: the function gets
///     the latest stored object and answers the new one (or throws an ApiException); answers what was stored
public record SubresourceRequest(
        String name, String verb, ObjectNode current, ObjectNode body, Store store, WriteContext context) {

    /// Writes and deletes the main object on behalf of a subresource.
    public interface Store {
        ObjectNode update(UnaryOperator<ObjectNode> change);

        /// The same, of which no field becomes its writer's: the server itself says what is so.
        ObjectNode note(UnaryOperator<ObjectNode> change);

        ObjectNode delete(ObjectNode deleteOptions);
    }
}
