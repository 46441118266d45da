package io.insula.controlplane.admin;

import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import java.util.Map;
import java.util.Optional;

/// One request, while it is served: what its route works with, and what will be recorded of it. Confined to the
/// request's thread.
final class AdminCall {

    private final HttpRequest request;
    private final AuditTrail trail;
    private String tenant = io.insula.controlplane.audit.AuditTrail.HOST;
    private UserInfo user = new UserInfo("", "", java.util.List.of(), Map.of());
    private String name = "";
    private Map<String, String> query = Map.of();
    private Optional<StrictBody> body = Optional.empty();
    private boolean recorded = true;
    private boolean byToken;

    AdminCall(HttpRequest request, AuditTrail trail) {
        this.request = request;
        this.trail = trail;
    }

    HttpRequest request() {
        return request;
    }

    AuditTrail trail() {
        return trail;
    }

    void authenticated(UserInfo who, boolean shownToken) {
        user = who;
        byToken = shownToken;
        trail.user(who);
    }

    void routed(String variable, Map<String, String> parameters, Optional<StrictBody> read) {
        name = variable;
        query = Map.copyOf(parameters);
        body = read;
    }

    UserInfo user() {
        return user;
    }

    /// Whether a token of the issuer says who it is, and no client certificate.
    boolean isByToken() {
        return byToken;
    }

    /// The path's variable.
    String name() {
        return name;
    }

    /// Empty where it is not given.
    String query(String parameter) {
        return query.getOrDefault(parameter, "");
    }

    /// @throws AdminException 400 where it is no whole number
    Optional<Integer> number(String parameter) {
        if (!query.containsKey(parameter)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Integer.parseInt(query(parameter)));
        } catch (NumberFormatException e) {
            throw AdminException.badRequest(parameter + ": \"" + query(parameter) + "\" (expected: a whole number)");
        }
    }

    StrictBody body() {
        return body.orElseThrow(() -> new IllegalStateException("the route has no body: " + request.path()));
    }

    Optional<String> header(String header) {
        return request.header(header);
    }

    /// The event goes to this tenant's trail. Only for one that exists: a spool is made for it.
    void concerns(String existing) {
        tenant = existing;
    }

    String tenant() {
        return tenant;
    }

    /// Says more in the event.
    void annotate(String key, String value) {
        trail.annotate(InsulaLabels.PREFIX + key, value);
    }

    /// This only goes on with what has an event already.
    void continuesRecorded() {
        recorded = false;
    }

    boolean isRecorded() {
        return recorded;
    }
}
