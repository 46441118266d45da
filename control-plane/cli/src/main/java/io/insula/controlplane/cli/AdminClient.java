package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.insula.controlplane.admin.AdminPki;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.pki.TlsContexts;
import io.insula.controlplane.service.ServiceFile;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/// The admin API of the running service, as the home folder's superuser or whoever a kubeconfig says. Confined to one
/// command.
final class AdminClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration PATIENT = Duration.ofHours(1);
    private static final int PAGE = 500;

    private final HttpClient http;
    private final String endpoint;
    private final String statusCommand;
    private final Duration timeout;
    /// What each request says of who asks; nothing where the certificate does.
    private final Supplier<Optional<String>> authorization;

    private AdminClient(
            HttpClient http,
            String endpoint,
            String statusCommand,
            Duration timeout,
            Supplier<Optional<String>> authorization) {
        this.http = http;
        this.endpoint = endpoint;
        this.statusCommand = statusCommand;
        this.timeout = timeout;
        this.authorization = authorization;
    }

    /// @throws CommandException when nothing runs in this home
    static AdminClient connect(Home home) {
        home.requireOwn();
        ServiceFile service = ServiceFile.read(home)
                .filter(ServiceFile::isRunning)
                .orElseThrow(() ->
                        new CommandException("nothing runs in " + home.root() + ": type `" + home.command("up") + "`"));
        return new AdminClient(
                http(AdminPki.superuserTls(home, Clock.systemUTC())),
                service.endpoint(),
                home.command("status"),
                TIMEOUT,
                Optional::empty);
    }

    /// @throws CommandException when nothing runs in the home, or the kubeconfig is none
    static AdminClient connect(AdminAccess access) {
        if (access.login().isPresent()) {
            return connect(
                    new Login(access.home(), LoginFile.read(access.login().get()), true));
        }
        Path file = access.kubeconfig();
        if (file == null) {
            return connect(access.home());
        }
        try {
            Config config = IssuedKubeconfigs.read(file);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(SSLUtils.keyManagers(config), SSLUtils.trustManagers(config), null);
            String endpoint = config.getMasterUrl().replaceAll("/+$", "");
            return new AdminClient(
                    http(tls), endpoint, "insula status --admin-kubeconfig " + file, TIMEOUT, Optional::empty);
        } catch (IOException | GeneralSecurityException | KubernetesClientException | IllegalArgumentException e) {
            throw new CommandException(
                    "--admin-kubeconfig: " + file + " cannot be read (" + e
                            + "; expected: what `insula admin kubeconfig" + "` has printed)",
                    e);
        }
    }

    /// As whoever is logged in.
    ///
    /// @throws CommandException when nobody is, or the file of the login is none
    static AdminClient connect(Login login) {
        LoginFile file = login.file();
        try {
            return new AdminClient(
                    http(TlsContexts.trusting(file.authority())),
                    file.server(),
                    "insula status --login " + file.path(),
                    TIMEOUT,
                    () -> Optional.of("Bearer " + login.token()));
        } catch (GeneralSecurityException e) {
            throw new CommandException("--login: the authority in " + file.path() + " cannot be read (" + e + ")", e);
        }
    }

    private static HttpClient http(SSLContext tls) {
        return HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /// The same, for what takes as long as a store is large; it ends with this one.
    AdminClient patient() {
        return new AdminClient(http, endpoint, statusCommand, PATIENT, authorization);
    }

    JsonNode get(String path) {
        return requireSuccess(send(request(path).GET().build()));
    }

    /// Empty where there is no such thing.
    Optional<JsonNode> find(String path) {
        Answer answer = send(request(path).GET().build());
        return answer.status() == 404 ? Optional.empty() : Optional.of(requireSuccess(answer));
    }

    /// All pages of a list.
    List<JsonNode> items(String path, String query) {
        var all = new ArrayList<JsonNode>();
        String next = "";
        do {
            JsonNode page = get(path + "?limit=" + PAGE + (query.isEmpty() ? "" : "&" + query)
                    + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
            page.path("items").forEach(all::add);
            next = page.path("metadata").path("continue").asText("");
        } while (!next.isEmpty());
        return all;
    }

    JsonNode post(String path, ObjectNode body) {
        return requireSuccess(send(json(path).POST(bytes(body)).build()));
    }

    JsonNode patch(String path, ObjectNode body) {
        return requireSuccess(send(json(path).method("PATCH", bytes(body)).build()));
    }

    JsonNode delete(String path) {
        return requireSuccess(send(request(path).DELETE().build()));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(endpoint + path)).timeout(timeout);
        authorization.get().ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private HttpRequest.Builder json(String path) {
        return request(path).header("Content-Type", "application/json");
    }

    private static HttpRequest.BodyPublisher bytes(ObjectNode body) {
        return HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body));
    }

    private record Answer(int status, JsonNode body) {}

    private static JsonNode requireSuccess(Answer answer) {
        if (answer.status() >= 400) {
            throw new CommandException(answer.body().path("detail").asText("the service answered " + answer.status()));
        }
        return answer.body();
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), Json.MAPPER.readTree(response.body()));
        } catch (IOException e) {
            throw new CommandException(
                    "the service at " + endpoint + " does not answer (" + e + "): type `" + statusCommand + "`", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
