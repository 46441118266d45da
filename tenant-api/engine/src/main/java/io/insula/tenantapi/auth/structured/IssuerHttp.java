package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Answer;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressException;
import io.insula.tenantapi.egress.OutgoingRequest;
import io.insula.tenantapi.egress.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/// Reads JSON documents over HTTPS. Immutable.
///
/// @param certificateAuthority PEM; empty for the platform's authorities
record IssuerHttp(Egress egress, String certificateAuthority) {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 1024 * 1024;
    private static final int MAX_REDIRECTS = 3;

    /// A document, or where it is instead.
    private sealed interface Reply {
        record Document(byte[] bytes) implements Reply {}

        record Elsewhere(String location) implements Reply {}
    }

    /// Redirects are followed to the same server only.
    ///
    /// @throws IOException with a message for people when there is no such document within ten seconds
    ObjectNode get(String url) throws IOException {
        URI place = uri(url, url);
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            switch (ask(url, place)) {
                case Reply.Document(var bytes) -> {
                    return document(url, bytes);
                }
                case Reply.Elsewhere(var location) -> {
                    URI next = place.resolve(uri(url, location));
                    if (!isSameServer(place, next)) {
                        throw new IOException(
                                "Get \"" + url + "\": redirected to another server, which is not permitted");
                    }
                    place = next;
                }
            }
        }
        throw new IOException("Get \"" + url + "\": stopped after " + MAX_REDIRECTS + " redirects");
    }

    private Reply ask(String url, URI place) throws IOException {
        if (!"https".equals(place.getScheme())) {
            throw new IOException("Get \"" + url + "\": URL scheme must be https");
        }
        var request = OutgoingRequest.get(place, Map.of("Accept", "application/json"));
        var trust = Trust.in(certificateAuthority.getBytes(StandardCharsets.UTF_8));
        try {
            return egress.call(request, Destination.OF_URL, trust, TIMEOUT, IssuerHttp::read);
        } catch (EgressException e) {
            throw new IOException("Get \"" + url + "\": " + e.text(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Get \"" + url + "\": context canceled", e);
        }
    }

    private static Reply read(Answer answer) throws IOException {
        int status = answer.status();
        if (status == 200) {
            return new Reply.Document(answer.whole(MAX_ANSWER));
        }
        var location = answer.header("location");
        if (status / 100 == 3 && location.isPresent()) {
            return new Reply.Elsewhere(location.get());
        }
        throw new IOException("status " + status);
    }

    private static URI uri(String shown, String text) throws IOException {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("Get \"" + shown + "\": invalid URL", e);
        }
    }

    private static boolean isSameServer(URI one, URI other) {
        return Objects.equals(one.getScheme(), other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    private static ObjectNode document(String url, byte[] bytes) throws IOException {
        if (Json.MAPPER.readTree(bytes) instanceof ObjectNode document) {
            return document;
        }
        throw new IOException("Get \"" + url + "\": the answer is no JSON object");
    }
}
