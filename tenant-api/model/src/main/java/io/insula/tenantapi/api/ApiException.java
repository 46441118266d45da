package io.insula.tenantapi.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An answer other than success, carrying the Kubernetes `Status` that the client gets. Made only by the factories
/// named after the reason; one handler renders it. Source: kubernetes/apimachinery, `api/errors`.
public final class ApiException extends RuntimeException {

    private final ObjectNode status;

    private ApiException(ObjectNode status, @Nullable Throwable cause) {
        super(status.path("message").asText(), cause);
        this.status = status;
    }

    /// The `Status` object: callers must not change it.
    public ObjectNode status() {
        return status;
    }

    /// The HTTP code, 400–599.
    public int code() {
        return status.path("code").asInt();
    }

    /// The machine-readable reason, e.g. `NotFound`.
    public String reason() {
        return status.path("reason").asText();
    }

    public boolean is(String reason) {
        return reason().equals(reason);
    }

    public static ApiException notFound(GroupVersionResource resource, String name) {
        return named(404, "NotFound", resource, name, resource.qualified() + " \"" + name + "\" not found");
    }

    /// No such URL: 404 with upstream's generic wording.
    public static ApiException noSuchResource() {
        return of(404, "NotFound", "the server could not find the requested resource");
    }

    public static ApiException alreadyExists(GroupVersionResource resource, String name) {
        return named(409, "AlreadyExists", resource, name, resource.qualified() + " \"" + name + "\" already exists");
    }

    public static ApiException conflict(GroupVersionResource resource, String name, String why) {
        return named(
                409,
                "Conflict",
                resource,
                name,
                "Operation cannot be fulfilled on " + resource.qualified() + " \"" + name + "\": " + why);
    }

    /// The optimistic-concurrency conflict with upstream's wording.
    public static ApiException modified(GroupVersionResource resource, String name) {
        return conflict(
                resource,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    /// 422 with one cause per error. `errors` must not be empty.
    public static ApiException invalid(GroupVersionKind kind, String name, List<FieldError> errors) {
        String all = errors.stream().map(FieldError::toString).distinct().collect(Collectors.joining(", "));
        String text = errors.size() == 1 ? all : "[" + all + "]";
        String kindName = kind.group().isEmpty() ? kind.kind() : kind.kind() + "." + kind.group();
        ObjectNode status = base(422, "Invalid", kindName + " \"" + name + "\" is invalid: " + text);
        ObjectNode details = status.putObject("details");
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!kind.group().isEmpty()) {
            details.put("group", kind.group());
        }
        details.put("kind", kind.kind());
        var causes = details.putArray("causes");
        for (FieldError error : errors) {
            causes.addObject()
                    .put("reason", error.reason().name())
                    .put("message", error.body())
                    .put("field", error.field());
        }
        return new ApiException(status, null);
    }

    /// `pods "x" is forbidden: why`; without a name `pods is forbidden: why`.
    public static ApiException forbidden(GroupVersionResource resource, String name, String why) {
        String subject = resource.resource().isEmpty()
                ? ""
                : resource.qualified() + (name.isEmpty() ? "" : " \"" + name + "\"") + " is ";
        return named(403, "Forbidden", resource, name, subject + "forbidden: " + why);
    }

    public static ApiException unauthorized() {
        return of(401, "Unauthorized", "Unauthorized");
    }

    public static ApiException badRequest(String message) {
        return of(400, "BadRequest", message);
    }

    public static ApiException methodNotAllowed() {
        return of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }

    public static ApiException notAcceptable(List<String> accepted) {
        return of(406, "NotAcceptable", "only the following media types are accepted: " + String.join(", ", accepted));
    }

    public static ApiException unsupportedMediaType(List<String> accepted) {
        return of(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                        + String.join(", ", accepted));
    }

    public static ApiException tooLarge(int limitBytes) {
        return of(413, "RequestEntityTooLarge", "Request entity too large: limit is " + limitBytes);
    }

    /// 410 Expired: the caller lists again.
    public static ApiException expired(String message) {
        return of(410, "Expired", message);
    }

    /// 410 Expired with a token that continues inconsistently at the latest revision.
    public static ApiException expired(String message, String freshContinue) {
        ObjectNode status = base(410, "Expired", message);
        ((ObjectNode) status.path("metadata")).put("continue", freshContinue);
        return new ApiException(status, null);
    }

    public static ApiException tooManyRequests(String message, int retryAfterSeconds) {
        return retryable(429, "TooManyRequests", message, retryAfterSeconds);
    }

    public static ApiException unavailable(String message) {
        return retryable(503, "ServiceUnavailable", message, 1);
    }

    public static ApiException timeout(String message, int retryAfterSeconds) {
        return retryable(504, "Timeout", "Timeout: " + message, retryAfterSeconds);
    }

    public static ApiException internal(String message, @Nullable Throwable cause) {
        return new ApiException(base(500, "InternalError", "Internal error occurred: " + message), cause);
    }

    /// For the rare status that has no factory (e.g. apply conflicts): `status` must be a complete `Status`.
    public static ApiException ofStatus(ObjectNode status) {
        return new ApiException(status, null);
    }

    public static ApiException of(int code, String reason, String message) {
        return new ApiException(base(code, reason, message), null);
    }

    /// A `Status` of status Failure without details; the caller may fill it.
    public static ObjectNode base(int code, String reason, String message) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure").put("message", message).put("reason", reason);
        status.put("code", code);
        return status;
    }

    private static ApiException retryable(int code, String reason, String message, int retryAfterSeconds) {
        ObjectNode status = base(code, reason, message);
        status.putObject("details").put("retryAfterSeconds", retryAfterSeconds);
        return new ApiException(status, null);
    }

    private static ApiException named(
            int code, String reason, GroupVersionResource resource, String name, String message) {
        ObjectNode status = base(code, reason, message);
        ObjectNode details = status.putObject("details");
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!resource.group().isEmpty()) {
            details.put("group", resource.group());
        }
        details.put("kind", resource.resource());
        return new ApiException(status, null);
    }
}
