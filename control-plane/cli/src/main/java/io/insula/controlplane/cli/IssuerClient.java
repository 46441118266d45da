package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.pki.TlsContexts;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/// An issuer, asked over HTTPS from this machine. Confined to one command. Source: OpenID Connect Discovery
/// 1.0, RFC 6749.
final class IssuerClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final LoginFile login;
    private final HttpClient http;
    private JsonNode document = Json.object();

    /// @throws CommandException where its authority is none
    IssuerClient(LoginFile login) {
        this.login = login;
        try {
            this.http = HttpClient.newBuilder()
                    .sslContext(TlsContexts.trusting(login.issuerAuthority()))
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new CommandException("--login: the issuer's authority in " + login.path() + " cannot be read", e);
        }
    }

    /// @param status of HTTP
    record Answer(int status, JsonNode body) {
        /// Empty where there is none. Source: RFC 6749, section 5.2.
        String error() {
            return status / 100 == 2 ? "" : body.path("error").asText("status " + status);
        }
    }

    LoginFile login() {
        return login;
    }

    /// A place that its document names.
    ///
    /// @throws CommandException where it names none, or one that everybody could listen at
    String endpoint(String field) {
        if (document.isEmpty()) {
            document = discover();
        }
        String url = document.path(field).asText();
        if (!LoginFile.isSecure(url)) {
            throw new CommandException("the issuer " + login.issuer() + " names no " + field + " over https");
        }
        return url;
    }

    /// Posts a form to a place that its document names.
    Answer post(String field, Map<String, String> form) {
        return send(HttpRequest.newBuilder(URI.create(endpoint(field)))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(encoded(form)))
                .build());
    }

    static String encoded(Map<String, String> pairs) {
        return pairs.entrySet().stream()
                .map(pair -> URLEncoder.encode(pair.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(pair.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private JsonNode discover() {
        String url = login.issuer().replaceAll("/+$", "") + "/.well-known/openid-configuration";
        Answer answer = send(
                HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).GET().build());
        if (answer.status() != 200 || !answer.body().path("issuer").asText().equals(login.issuer())) {
            throw new CommandException("the issuer " + login.issuer() + " does not say what it is (" + answer.status()
                    + " from " + url + ")");
        }
        return answer.body();
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            JsonNode body = parsed(response.body());
            return new Answer(response.statusCode(), body);
        } catch (IOException e) {
            throw new CommandException("the issuer at " + request.uri() + " does not answer (" + e + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static ObjectNode parsed(byte[] body) {
        try {
            return Json.MAPPER.readTree(body) instanceof ObjectNode object ? object : Json.object();
        } catch (IOException e) {
            return Json.object();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
