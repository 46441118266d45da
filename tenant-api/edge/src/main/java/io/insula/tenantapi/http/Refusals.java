package io.insula.tenantapi.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Answers that never reach a handler. Broken HTTP gets a line of text, as Go's server has it; what breaks a
/// rule of the API gets a `Status`.
final class Refusals {

    /// Source: RFC 9110, section 5.6.7.
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private Refusals() {}

    static FullHttpResponse text(HttpResponseStatus status, String text) {
        return full(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    static FullHttpResponse status(ApiException error) {
        var answer = full(HttpResponseStatus.valueOf(error.code()), "application/json", Json.bytes(error.status()));
        headers(error.status()).forEach((name, values) -> answer.headers().set(name, values));
        return answer;
    }

    /// What goes with a `Status` body.
    static Map<String, List<String>> headers(ObjectNode status) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Content-Type", List.of("application/json"));
        int seconds = status.path("details").path("retryAfterSeconds").asInt();
        if (seconds > 0) {
            headers.put("Retry-After", List.of(Integer.toString(seconds)));
        }
        return headers;
    }

    /// The time now, as the header `Date` has it.
    static String date() {
        return DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
    }

    private static FullHttpResponse full(HttpResponseStatus status, String type, byte[] bytes) {
        var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(bytes));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, bytes.length)
                .set(HttpHeaderNames.DATE, date());
        return answer;
    }
}
