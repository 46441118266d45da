package io.insula.controlplane.cluster;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Predicate;

/// Lets requests through that were asked at one name and show some credentials. Whoever shows none gets the answer that
/// a name of nobody's gives: whether a tenant is there is not a stranger's to know, nor to wake it. Immutable.
///
/// @param inside what answers those that are let through
/// @param isOthers whether a host name is one of another site at this port: a connection to one site asks for no
/// other's
record Doorkeeper(HttpHandler inside, Predicate<String> isOthers) implements HttpHandler {

    /// Source: RFC 9110, section 15.5.20.
    private static final int MISDIRECTED = 421;

    private static final int UNAUTHORIZED = 401;

    /// Behind it is nothing.
    static final HttpHandler NOBODY = (_, responder) -> unauthorized(responder);

    @Override
    public void handle(HttpRequest request, HttpResponder responder) {
        if (isOthers.test(hostOf(request))) {
            inside.refused(new HttpRefusal(request, MISDIRECTED, "asks one site's connection for another's"));
            answer(responder, MISDIRECTED, misdirected());
        } else if (Switchboard.hasCredentials(request)) {
            inside.handle(request, responder);
        } else {
            inside.refused(new HttpRefusal(request, UNAUTHORIZED, "Unauthorized"));
            unauthorized(responder);
        }
    }

    @Override
    public void refused(HttpRefusal refusal) {
        inside.refused(refusal);
    }

    private static String hostOf(HttpRequest request) {
        String host = request.header("host").orElse("").toLowerCase(Locale.ROOT);
        int colon = host.lastIndexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    private static void unauthorized(HttpResponder responder) {
        answer(responder, UNAUTHORIZED, ApiException.unauthorized());
    }

    private static ApiException misdirected() {
        return ApiException.of(MISDIRECTED, "BadRequest", "the request is for another host than its connection");
    }

    /// With the headers that API servers give such an answer, in their order.
    private static void answer(HttpResponder responder, int status, ApiException why) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Audit-Id", List.of(UUID.randomUUID().toString()));
        headers.put("Cache-Control", List.of("no-cache, private"));
        headers.put("Content-Type", List.of("application/json"));
        responder.send(status, headers, Json.bytes(why.status()));
    }
}
