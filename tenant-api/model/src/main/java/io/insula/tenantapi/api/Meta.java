package io.insula.tenantapi.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads and writes the metadata of an object tree. Readers answer the empty string, list or map where a field is
/// absent.
public final class Meta {

    private Meta() {}

    public static String name(JsonNode object) {
        return text(object, "name");
    }

    public static String namespace(JsonNode object) {
        return text(object, "namespace");
    }

    public static String uid(JsonNode object) {
        return text(object, "uid");
    }

    public static String resourceVersion(JsonNode object) {
        return text(object, "resourceVersion");
    }

    public static long generation(JsonNode object) {
        return object.path("metadata").path("generation").asLong();
    }

    public static boolean isBeingDeleted(JsonNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }

    public static GroupVersionKind kindOf(JsonNode object) {
        return GroupVersionKind.of(
                object.path("apiVersion").asText(), object.path("kind").asText());
    }

    /// A copy, in the object's order.
    public static Map<String, String> labels(JsonNode object) {
        return strings(object.path("metadata").path("labels"));
    }

    /// A copy, in the object's order.
    public static Map<String, String> annotations(JsonNode object) {
        return strings(object.path("metadata").path("annotations"));
    }

    public static List<String> finalizers(JsonNode object) {
        var all = new ArrayList<String>();
        object.path("metadata").path("finalizers").forEach(f -> all.add(f.asText()));
        return all;
    }

    /// The metadata tree, made where absent.
    public static ObjectNode of(ObjectNode object) {
        return object.withObjectProperty("metadata");
    }

    /// Now, as `metadata.creationTimestamp` has it: RFC 3339 UTC to the second.
    public static String timestamp(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// The first and the last second that a timestamp can say.
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /// So many seconds later, negative ones earlier; what no timestamp can say is the last that one can, or the first.
    /// Objects hold any 64 bits where they count seconds.
    public static Instant after(Instant at, long seconds) {
        long most = LAST.getEpochSecond() - at.getEpochSecond();
        long least = FIRST.getEpochSecond() - at.getEpochSecond();
        return at.plusSeconds(Math.clamp(seconds, least, most));
    }

    /// An RFC 3339 time field, or empty where absent or malformed.
    public static Optional<Instant> time(JsonNode field) {
        if (!field.isTextual()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(field.asText()).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /// When the object was created, where it says so.
    public static Optional<Instant> created(JsonNode object) {
        return time(object.path("metadata").path("creationTimestamp"));
    }

    private static String text(JsonNode object, String field) {
        return object.path("metadata").path(field).asText("");
    }

    private static Map<String, String> strings(JsonNode node) {
        var map = new LinkedHashMap<String, String>();
        node.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }
}
