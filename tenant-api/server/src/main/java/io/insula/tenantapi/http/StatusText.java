package io.insula.tenantapi.http;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.netty.handler.codec.http.HttpResponseStatus;

/// The `Status` bodies of refusals that never reach a handler.
final class StatusText {

    private StatusText() {}

    static byte[] of(HttpResponseStatus status, String message) {
        String reason = switch (status.code()) {
            case 400 -> "BadRequest";
            case 413 -> "RequestEntityTooLarge";
            default -> "InternalError";
        };
        return Json.bytes(ApiException.of(status.code(), reason, message).status());
    }
}
