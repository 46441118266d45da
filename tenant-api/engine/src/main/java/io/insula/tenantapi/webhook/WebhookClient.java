package io.insula.tenantapi.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressException;
import io.insula.tenantapi.egress.OutgoingRequest;
import io.insula.tenantapi.egress.Trust;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/// Posts reviews to webhooks. Thread-safe; a call blocks its (virtual) thread. Source: kubernetes/apiserver,
/// `pkg/util/webhook`.
public final class WebhookClient {

    /// The largest answer that is read, in bytes.
    private static final int MAX_ANSWER = 16 * 1024 * 1024;

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Type", "application/json",
            "Accept", "application/json",
            "User-Agent", "kube-apiserver-admission");

    private final Egress egress;
    private final ServiceResolver services;

    public WebhookClient(Egress egress, ServiceResolver services) {
        this.egress = egress;
        this.services = services;
    }

    /// Where a call goes.
    ///
    /// @param shown the URL as messages show it
    private record Place(String shown, URI url, Destination destination) {}

    /// What came back.
    private record Reply(int status, byte[] body) {}

    /// Posts `review` and answers what comes back.
    ///
    /// @param config a `clientConfig`: url or service, and caBundle
    /// @throws WebhookFailure when there is no answer in time, or one that is no JSON object
    public ObjectNode call(JsonNode config, ObjectNode review, Duration timeout) {
        Place place = place(config, "timeout=" + Math.max(1, timeout.toSeconds()) + "s");
        Trust trust;
        try {
            trust = Trust.in(Base64.getDecoder().decode(config.path("caBundle").asText("")));
        } catch (IllegalArgumentException e) {
            throw new WebhookFailure("unable to load root certificates: unable to parse bytes as PEM block");
        }
        var request = OutgoingRequest.of("POST", place.url(), HEADERS, Json.bytes(review));
        return answer(place, send(place, request, trust, timeout));
    }

    private Place place(JsonNode config, String query) {
        String url = config.path("url").asText("");
        if (!url.isEmpty()) {
            URI given = uri(url);
            String with = url + (given.getQuery() == null ? "?" : "&") + query;
            return new Place(with, uri(with), Destination.OF_URL);
        }
        JsonNode service = config.path("service");
        String namespace = service.path("namespace").asText();
        String name = service.path("name").asText();
        int port = service.path("port").asInt(443);
        String path = service.path("path").asText("/");
        String rest = (path.startsWith("/") ? path : "/" + path) + "?" + query;
        String shown = "https://" + name + "." + namespace + ".svc:" + port + rest;
        return new Place(shown, uri(shown), services.resolve(namespace, name, port));
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new WebhookFailure("parse \"" + text + "\": invalid URL");
        }
    }

    private Reply send(Place place, OutgoingRequest request, Trust trust, Duration timeout) {
        try {
            return egress.call(
                    request,
                    place.destination(),
                    trust,
                    timeout,
                    answer -> new Reply(answer.status(), answer.whole(MAX_ANSWER)));
        } catch (EgressException e) {
            throw new WebhookFailure("Post \"" + place.shown() + "\": " + e.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WebhookFailure("Post \"" + place.shown() + "\": context canceled");
        }
    }

    private static ObjectNode answer(Place place, Reply reply) {
        if (reply.status() / 100 != 2) {
            throw new WebhookFailure(refusal(reply.status()));
        }
        try {
            if (Json.MAPPER.readTree(reply.body()) instanceof ObjectNode object) {
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
