package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.AdminPki;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.service.ServiceFile;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;

/// The admin API of the running service, as the home folder's superuser. Confined to one command.
final class AdminClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final HttpClient http;
    private final String endpoint;
    private final String statusCommand;

    private AdminClient(HttpClient http, String endpoint, String statusCommand) {
        this.http = http;
        this.endpoint = endpoint;
        this.statusCommand = statusCommand;
    }

    /// @throws CommandException when nothing runs in this home
    static AdminClient connect(Home home) {
        home.requireOwn();
        ServiceFile service = ServiceFile.read(home)
                .filter(ServiceFile::isRunning)
                .orElseThrow(() ->
                        new CommandException("nothing runs in " + home.root() + ": type `" + home.command("up") + "`"));
        var http = HttpClient.newBuilder()
                .sslContext(AdminPki.superuserTls(home, Clock.systemUTC()))
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        return new AdminClient(http, service.endpoint(), home.command("status"));
    }

    JsonNode get(String path) {
        return send(request(path).GET().build());
    }

    JsonNode post(String path, ObjectNode body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
                .build());
    }

    JsonNode delete(String path) {
        return send(request(path).DELETE().build());
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(endpoint + path)).timeout(TIMEOUT);
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            JsonNode body = Json.MAPPER.readTree(response.body());
            if (response.statusCode() >= 400) {
                throw new CommandException(body.path("detail").asText("the service answered " + response.statusCode()));
            }
            return body;
        } catch (IOException e) {
            throw new CommandException(
                    "the service at " + endpoint + " does not answer (" + e + "): type `" + statusCommand + "`", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
