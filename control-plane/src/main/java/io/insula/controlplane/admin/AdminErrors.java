package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Renders every failure as a problem document; what is nobody's fault but ours shows no internals.
@Controller("/errors")
final class AdminErrors {

    private static final Logger LOG = LoggerFactory.getLogger(AdminErrors.class);

    @Error(global = true, exception = AdminException.class)
    HttpResponse<String> ours(HttpRequest<?> request, AdminException e) {
        return problem(e.status(), e.title(), String.valueOf(e.getMessage()));
    }

    @Error(global = true, status = HttpStatus.NOT_FOUND)
    HttpResponse<String> noRoute(HttpRequest<?> request) {
        return problem(
                404,
                "Not Found",
                request.getMethodName() + " " + request.getPath() + " is not served; /openapi.json lists what is");
    }

    @Error(global = true)
    HttpResponse<String> unexpected(HttpRequest<?> request, Throwable e) {
        LOG.atError().addKeyValue("path", request.getPath()).setCause(e).log("admin request failed");
        return problem(500, "Internal Server Error", "the request failed; the service's log says why");
    }

    static HttpResponse<String> problem(int status, String title, String detail) {
        ObjectNode body = Json.object()
                .put("type", "about:blank")
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
        return HttpResponse.<String>status(HttpStatus.valueOf(status))
                .body(body.toString())
                .contentType(MediaType.of("application/problem+json"));
    }
}
