package io.insula.tenantapi.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.client.LocalClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Caller;
import io.insula.tenantapi.registry.Engine;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.registry.WriteOptions;
import io.insula.tenantapi.registry.WriteOptions.FieldValidation;
import io.insula.tenantapi.schema.FieldChecker;
import io.insula.tenantapi.schema.FieldChecker.TypeError;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.wire.Decoded;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// Says what every server refuses of a new object whatever else it has: values that cannot be read, fields that nobody
/// knows, and what the rules of its kind forbid. It is a dry run on the server's own path, over a store that stays
/// empty and without admission, so the words are the server's. Thread-safe.
///
/// Not for kinds whose rules ask a service of the cluster, such as addresses or tokens.
public final class Validation {

    private static final WriteOptions STRICT = new WriteOptions("", true, FieldValidation.STRICT, false);

    private final ServerComponents components;
    private final KindRegistry kinds;
    private final ObjectStore store;
    private final ObjectClient client;

    public Validation(ServerComponents components, Clock clock) {
        this.components = components;
        kinds = new KindRegistry(components.kinds());
        store = new ObjectStore(new Engine(
                new InMemoryStorage(),
                kinds,
                components.schemas(),
                List.of(),
                new NoServices(),
                components.codec(),
                clock,
                components.timers(),
                Engine.WriteListener.NONE,
                this::client));
        client = LocalClient.loopback(store, kinds, LocalClient.LocalAudit.NONE);
    }

    /// An answer other than success.
    ///
    /// @param field the value that cannot be read; empty where the message itself names what is wrong
    /// @param message the server's
    public record Refusal(String field, String message) {

        /// The message, after the field that it does not name.
        public String text() {
            return field.isEmpty() ? message : field + ": " + message;
        }
    }

    /// What is refused of an object that is created with strict field validation, as `kubectl` does.
    ///
    /// @param object is not changed
    public Optional<Refusal> ofNew(GroupVersionResource resource, String namespace, ObjectNode object) {
        ResourceKind kind = kinds.find(resource).orElseThrow(ApiException::noSuchResource);
        try {
            var _ = store.create(
                    Target.collection(kind, namespace),
                    new Decoded(object.deepCopy(), List.of()),
                    STRICT,
                    Caller.of(UserInfo.loopback(), "validation"));
            return Optional.empty();
        } catch (ApiException e) {
            return Optional.of(new Refusal(
                    unreadable(kind, object), e.status().path("message").asText()));
        }
    }

    private String unreadable(ResourceKind kind, ObjectNode object) {
        return FieldChecker.check(components.schemas().of(kind).type(), object).typeErrors().stream()
                .findFirst()
                .map(TypeError::field)
                .orElse("");
    }

    private ObjectClient client() {
        return client;
    }

    private record NoServices() implements ServerServices {
        @Override
        public ClusterIps clusterIps() {
            throw new IllegalStateException("validation alone has no addresses to give");
        }

        @Override
        public Authorizer authorizer() {
            return _ -> new Authorizer.Decision(true, "");
        }

        @Override
        public ServiceAccountTokens serviceAccountTokens() {
            throw new IllegalStateException("validation alone has no tokens to give");
        }
    }
}
