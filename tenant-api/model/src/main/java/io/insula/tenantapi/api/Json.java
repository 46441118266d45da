package io.insula.tenantapi.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/// JSON trees to bytes and back, as the storage and the default wire format have it: compact, 64-bit integers kept.
public final class Json {

    /// Levels of what we write and read back: twice what a request may have, as fields that we add are deeper.
    private static final int DEEPEST = 2 * StreamReadConstraints.DEFAULT_MAX_DEPTH;

    /// Shared, configured once, never changed.
    public static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .streamWriteConstraints(StreamWriteConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// The node that parsing the same number would give: trees compare equal however they were made.
    public static JsonNode number(long value) {
        return value == (int) value
                ? JsonNodeFactory.instance.numberNode((int) value)
                : JsonNodeFactory.instance.numberNode(value);
    }

    /// Whether both trees read back from their bytes would be equal, but for the order of fields: numbers of one value
    /// may be of several types of nodes, as code made them.
    public static boolean isSame(JsonNode one, JsonNode other) {
        return one.equals(Json::compareScalars, other);
    }

    private static int compareScalars(JsonNode one, JsonNode other) {
        boolean same = one.equals(other)
                || (one.isNumber() && other.isNumber() && one.asText().equals(other.asText()));
        return same ? 0 : 1;
    }

    /// Parses bytes that the server itself wrote (storage): anything but an object is a bug or corruption.
    public static ObjectNode parse(byte[] bytes) {
        try {
            return (ObjectNode) MAPPER.readTree(bytes);
        } catch (IOException | ClassCastException e) {
            throw new IllegalStateException("stored bytes are not a JSON object (" + bytes.length + " bytes)", e);
        }
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
