package io.insula.tenantapi.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Posts reviews to webhooks. Thread-safe; a call blocks its (virtual) thread. Source: kubernetes/apiserver,
/// `pkg/util/webhook`.
public final class WebhookClient {

    /// The largest answer that is read, in bytes.
    private static final int MAX_ANSWER = 16 * 1024 * 1024;

    private final HttpClients clients;
    private final ServiceResolver services;
    private final Predicate<InetAddress> reachable;

    /// @param reachable the addresses that a `url` may lead to; [Addresses#isReachable] for tenants
    public WebhookClient(HttpClients clients, ServiceResolver services, Predicate<InetAddress> reachable) {
        this.clients = clients;
        this.services = services;
        this.reachable = reachable;
    }

    /// Where a call goes.
    ///
    /// @param shown the URL as messages show it
    /// @param url with a literal address
    private record Place(String shown, URI url, String name) {}

    /// Posts `review` and answers what comes back.
    ///
    /// @param config a `clientConfig`: url or service, and caBundle
    /// @throws WebhookFailure when there is no answer in time, or one that is no JSON object
    public ObjectNode call(JsonNode config, ObjectNode review, Duration timeout) {
        Place place = place(config, "timeout=" + Math.max(1, timeout.toSeconds()) + "s");
        byte[] caBundle;
        try {
            caBundle = Base64.getDecoder().decode(config.path("caBundle").asText(""));
        } catch (IllegalArgumentException e) {
            throw new WebhookFailure("unable to load root certificates: unable to parse bytes as PEM block");
        }
        HttpRequest request = HttpRequest.newBuilder(place.url())
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("User-Agent", "kube-apiserver-admission")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(review)))
                .build();
        return answer(place, send(clients.client(caBundle, place.name(), true), place, request));
    }

    private Place place(JsonNode config, String query) {
        String url = config.path("url").asText("");
        if (!url.isEmpty()) {
            URI given = uri(url);
            String with = url + (given.getQuery() == null ? "?" : "&") + query;
            String host = String.valueOf(given.getHost()).replaceAll("[\\[\\]]", "");
            requireReachable(host, with);
            return new Place(with, uri(with), host);
        }
        JsonNode service = config.path("service");
        String namespace = service.path("namespace").asText();
        String name = service.path("name").asText();
        int port = service.path("port").asInt(443);
        String path = service.path("path").asText("/");
        String rest = (path.startsWith("/") ? path : "/" + path) + "?" + query;
        InetSocketAddress address = services.resolve(namespace, name, port);
        String host = name + "." + namespace + ".svc";
        return new Place(
                "https://" + host + ":" + port + rest,
                uri("https://" + literal(address) + ":" + address.getPort() + rest),
                host);
    }

    /// The connection is made to what is found here: the JVM remembers it for longer than that takes.
    private void requireReachable(String host, String shown) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!reachable.test(address)) {
                    throw new WebhookFailure("Post \"" + shown + "\": dial tcp " + address.getHostAddress()
                            + ": addresses of the API server's own machine or link are not for webhooks");
                }
            }
        } catch (UnknownHostException e) {
            throw new WebhookFailure("Post \"" + shown + "\": dial tcp: lookup " + host + ": no such host");
        }
    }

    private static String literal(InetSocketAddress address) {
        String host = address.getHostString();
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new WebhookFailure("parse \"" + text + "\": invalid URL");
        }
    }

    private static HttpResponse<byte[]> send(HttpClient client, Place place, HttpRequest request) {
        try {
            return client.send(
                    request,
                    info -> HttpResponse.BodySubscribers.limiting(
                            HttpResponse.BodySubscribers.ofByteArray(), MAX_ANSWER));
        } catch (IOException e) {
            throw new WebhookFailure("Post \"" + place.shown() + "\": " + reason(e, request.uri()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WebhookFailure("Post \"" + place.shown() + "\": context canceled");
        }
    }

    private static String reason(IOException failure, URI url) {
        if (failure instanceof HttpTimeoutException) {
            return "context deadline exceeded";
        }
        if (failure instanceof ConnectException) {
            return "dial tcp " + url.getHost() + ":" + url.getPort() + ": connect: connection refused";
        }
        if (failure instanceof SSLException) {
            return tls(failure);
        }
        return String.valueOf(failure.getMessage());
    }

    private static String tls(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage());
            int at = text.indexOf("tls: ");
            if (at >= 0) {
                return text.substring(at);
            }
        }
        return "tls: " + failure.getMessage();
    }

    private static ObjectNode answer(Place place, HttpResponse<byte[]> response) {
        if (response.statusCode() / 100 != 2) {
            throw new WebhookFailure(refusal(response.statusCode()));
        }
        try {
            if (Json.MAPPER.readTree(response.body()) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException _) {
            // told below
        }
        throw new WebhookFailure("Post \"" + place.shown() + "\": couldn't get version/kind; json parse error: the"
                + " answer is no JSON object");
    }

    /// As client-go words an answer that is no Status.
    private static String refusal(int code) {
        return switch (code) {
            case 404 -> "the server could not find the requested resource";
            case 401 -> "the server has asked for the client to provide credentials";
            case 403 -> "the server does not allow access to the requested resource";
            case 405 -> "the server does not allow this method on the requested resource";
            case 503 -> "the server is currently unable to handle the request";
            default ->
                code >= 500
                        ? "an error on the server (\"unknown\") has prevented the request from succeeding"
                        : "the server rejected our request for an unknown reason";
        };
    }
}
