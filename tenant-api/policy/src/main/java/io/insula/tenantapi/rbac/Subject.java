package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.auth.ServiceAccountName;

/// Whom a binding names: a user, a group or a service account.
///
/// @param namespace of a service account; empty for the others
record Subject(String kind, String namespace, String name) {

    static final String USER = "User";
    static final String GROUP = "Group";
    static final String SERVICE_ACCOUNT = "ServiceAccount";

    static Subject of(JsonNode subject, String bindingNamespace) {
        String kind = subject.path("kind").asText();
        String namespace = subject.path("namespace").asText("");
        return new Subject(
                kind,
                kind.equals(SERVICE_ACCOUNT) && namespace.isEmpty() ? bindingNamespace : namespace,
                subject.path("name").asText());
    }

    /// Under what the policy finds it: service accounts are users with a name of their own.
    Key key() {
        return switch (kind) {
            case USER -> new Key(false, name);
            case GROUP -> new Key(true, name);
            case SERVICE_ACCOUNT ->
                namespace.isEmpty() ? Key.NOBODY : new Key(false, new ServiceAccountName(namespace, name).userName());
            default -> Key.NOBODY;
        };
    }

    String describe() {
        return kind.equals(SERVICE_ACCOUNT) ? kind + " \"" + name + "/" + namespace + "\"" : kind + " \"" + name + "\"";
    }

    record Key(boolean group, String name) {
        /// No request has an empty user or group name.
        static final Key NOBODY = new Key(false, "");
    }
}
