package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A watch over HTTP whose events wait until they are asked for. A thread of its own reads; it ends with the watch.
public final class Watched implements AutoCloseable {

    private final LinkedBlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
    private final InputStream body;

    private Watched(InputStream body) {
        this.body = body;
    }

    static Watched open(TestServer server, String path) {
        String url = path + (path.contains("?") ? "&" : "?") + "watch=true&timeoutSeconds=600";
        try {
            var answer = server.admin()
                    .send(server.request("GET", url, TestServer.JSON, "").build(), BodyHandlers.ofInputStream());
            assertThat(answer.statusCode()).isEqualTo(200);
            var watched = new Watched(answer.body());
            Thread.ofVirtual().name("watch " + path).start(watched::read);
            return watched;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void read() {
        try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                events.add(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    /// The next event.
    public JsonNode next() {
        try {
            @Nullable JsonNode event = events.poll(3, TimeUnit.MINUTES);
            assertThat(event).as("waited for an event").isNotNull();
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// The next event has this type and object; answers the object.
    public JsonNode expect(String type, String name) {
        JsonNode event = next();
        assertThat(event.path("type").asText() + " "
                        + event.at("/object/metadata/name").asText())
                .isEqualTo(type + " " + name);
        return event.path("object");
    }

    /// Skips what others write in between.
    public JsonNode until(String type, String pointer, String text) {
        return until(type, object -> object.at(pointer).asText().equals(text));
    }

    /// The same for an object of which this holds.
    public JsonNode until(String type, Predicate<JsonNode> holds) {
        JsonNode event = next();
        while (!(event.path("type").asText().equals(type) && holds.test(event.path("object")))) {
            event = next();
        }
        return event.path("object");
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
