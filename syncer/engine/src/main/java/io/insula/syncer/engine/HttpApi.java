package io.insula.syncer.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Speaks to an API server with the client's own connections and credentials. fabric8's typed calls cannot send
/// a delete with a uid precondition, nor a subresource of a kind they do not know. Thread-safe.
final class HttpApi implements Api {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final KubernetesClient client;
    private final Duration timeout;

    HttpApi(KubernetesClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    @Override
    public Optional<JsonNode> get(String path) {
        var answer = exchange(builder(path).build());
        if (answer.code() == 404) {
            return Optional.empty();
        }
        return Optional.of(parse(checked(answer)));
    }

    @Override
    public JsonNode send(String method, String path, String contentType, JsonNode body, String auditId) {
        var answer = checked(exchange(builder(path)
                .method(method, contentType, body.toString())
                .header("Audit-ID", auditId)
                .build()));
        try {
            return MAPPER.readTree(answer.bodyString());
        } catch (java.io.IOException e) {
            // it was done all the same
            return MissingNode.getInstance();
        }
    }

    private HttpRequest.Builder builder(String path) {
        var url = client.getMasterUrl().toString();
        return client.getHttpClient()
                .newHttpRequestBuilder()
                .uri((url.endsWith("/") ? url.substring(0, url.length() - 1) : url) + path);
    }

    private HttpResponse<String> exchange(HttpRequest request) {
        var answer = client.getHttpClient().sendAsync(request, String.class);
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiFailure(0, "interrupted");
        } catch (ExecutionException e) {
            throw new ApiFailure(0, String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new ApiFailure(0, "no answer within " + timeout);
        }
    }

    private static HttpResponse<String> checked(HttpResponse<String> answer) {
        if (!answer.isSuccessful()) {
            throw pause(answer)
                    .map(pause -> new ApiFailure(answer.code(), message(answer), pause))
                    .orElseGet(() -> new ApiFailure(answer.code(), message(answer)));
        }
        return answer;
    }

    /// Source: RFC 9110, "Retry-After", in seconds, as API servers write it.
    private static Optional<Duration> pause(HttpResponse<String> answer) {
        return Optional.ofNullable(answer.header("Retry-After"))
                .filter(text -> text.matches("[1-9][0-9]{0,5}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    private static String message(HttpResponse<String> answer) {
        try {
            var message = MAPPER.readTree(answer.bodyString()).path("message").asText("");
            return message.isEmpty() ? "HTTP " + answer.code() : message;
        } catch (java.io.IOException e) {
            return "HTTP " + answer.code();
        }
    }

    private static JsonNode parse(HttpResponse<String> answer) {
        try {
            return MAPPER.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new ApiFailure(answer.code(), "not JSON: " + e.getOriginalMessage());
        }
    }
}
