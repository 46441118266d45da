package io.insula.tenantapi.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.client.LocalClient;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/// Records the writes of in-process clients as if they had come over HTTP.
record AuditedCalls(AuditSink sink, Clock clock) implements LocalClient.LocalAudit {

    @Override
    public <T> T around(LocalClient.Call call, Supplier<T> work) {
        var trail = new AuditTrail(sink, clock, "")
                .request(path(call), call.verb(), call.agent(), List.of())
                .user(call.user())
                .object(
                        call.resource().group(),
                        call.resource().version(),
                        call.resource().resource(),
                        call.subresource(),
                        call.namespace(),
                        call.name());
        trail.received();
        try {
            T result = work.get();
            if (result instanceof ObjectNode object && call.verb().equals("create")) {
                trail.created(Meta.name(object), Meta.uid(object));
            }
            trail.complete(call.verb().equals("create") ? 201 : 200);
            return result;
        } catch (ApiException e) {
            trail.failure(e.status()).complete(e.code());
            throw e;
        }
    }

    private static String path(LocalClient.Call call) {
        var resource = call.resource();
        var path = new StringBuilder(resource.group().isEmpty() ? "/api/" : "/apis/").append(resource.apiVersion());
        if (!call.namespace().isEmpty()) {
            path.append("/namespaces/").append(call.namespace());
        }
        path.append('/').append(resource.resource());
        if (!call.name().isEmpty()
                && !(call.verb().equals("create") && call.subresource().isEmpty())) {
            path.append('/').append(call.name());
        }
        return call.subresource().isEmpty() ? path.toString() : path + "/" + call.subresource();
    }
}
