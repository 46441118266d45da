package io.insula.tenantapi.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Turns bodies into trees and back. Stateless but for the immutable protobuf descriptors: one per JVM.
public final class WireCodec {

    private static final List<String> ACCEPTED =
            Arrays.stream(WireFormat.values()).map(WireFormat::mediaType).toList();
    /// How much of a body may be white space before it must show what it is.
    private static final int LOOKED_AT = 256;

    private static final byte[] YAML_DOCUMENT = "---\n".getBytes(StandardCharsets.UTF_8);

    private final ProtobufCodec protobuf;
    /// For bodies: no more than 1000 levels, half of what [Json] reads and writes.
    private final JsonFactory json = new JsonFactory();

    private final JsonFactory jsonInYaml =
            JsonFactory.builder().enable(JsonReadFeature.ALLOW_TRAILING_COMMA).build();
    private final JsonFactory yamlBodies = new YAMLFactory();
    private final ObjectMapper yaml = new ObjectMapper(YAMLFactory.builder()
            .streamReadConstraints(Json.MAPPER.getFactory().streamReadConstraints())
            .streamWriteConstraints(Json.MAPPER.getFactory().streamWriteConstraints())
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .stringQuotingChecker(new Quotes())
            .build());

    public WireCodec() {
        this(new ProtobufCodec(ProtoTypes.load()));
    }

    private WireCodec(ProtobufCodec protobuf) {
        this.protobuf = protobuf;
    }

    /// The format that a `Content-Type` names; JSON where it is empty.
    ///
    /// @throws ApiException 415 for any other
    public static WireFormat formatOf(String contentType) {
        String type = contentType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "", "application/json" -> WireFormat.JSON;
            case "application/yaml" -> WireFormat.YAML;
            case "application/vnd.kubernetes.protobuf" -> WireFormat.PROTOBUF;
            default -> throw ApiException.unsupportedMediaType(ACCEPTED);
        };
    }

    /// Decodes one object. Unknown fields are kept (JSON, YAML): the schema decides about them.
    ///
    /// @throws ApiException 400 when the body is not an object in that format
    public Decoded decode(byte[] body, WireFormat format) {
        return switch (format) {
            case JSON -> text(body, json, "couldn't get version/kind; json parse error: ", WireCodec::jsonErrors);
            case YAML -> yaml(body);
            case PROTOBUF -> new Decoded(protobuf.decode(body), List.of());
        };
    }

    /// The same for patches in JSON, which may be arrays.
    ///
    /// @throws ApiException 400 when the body is not JSON
    public JsonNode decodePatch(byte[] body) {
        try (var parser = json.createParser(body)) {
            JsonNode node = new TreeReader(parser).read();
            if (node == null || parser.nextToken() != null) {
                throw ApiException.badRequest("error decoding patch: expected one JSON value");
            }
            return node;
        } catch (IOException e) {
            throw ApiException.badRequest("error decoding patch: " + message(e));
        }
    }

    /// Encodes one object.
    ///
    /// @throws IllegalArgumentException for protobuf when [#speaksProtobuf] says no
    public byte[] encode(JsonNode object, WireFormat format, boolean pretty) {
        try {
            return switch (format) {
                case JSON ->
                    pretty
                            ? Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(object)
                            : Json.bytes(object);
                case YAML -> yaml.writeValueAsBytes(object);
                case PROTOBUF -> protobuf.encode((ObjectNode) object);
            };
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// One frame of a watch stream.
    ///
    /// @param type ADDED, MODIFIED, DELETED, BOOKMARK or ERROR
    /// @param object the object already encoded in `format`
    public byte[] watchFrame(String type, byte[] object, WireFormat format) {
        return switch (format) {
            case JSON -> jsonFrame(type, object, "\n");
            case YAML -> yamlFrame(type, object);
            case PROTOBUF -> {
                byte[] event = protobuf.watchEvent(type, object);
                yield ByteBuffer.allocate(4 + event.length)
                        .putInt(event.length)
                        .put(event)
                        .array();
            }
        };
    }

    /// Whether objects of this kind have a protobuf message (custom resources have none).
    public boolean speaksProtobuf(String apiVersion, String kind) {
        return protobuf.knows(apiVersion, kind);
    }

    /// Decodes what upstream or this server stored: JSON, or a protobuf envelope.
    public ObjectNode decodeStored(byte[] value) {
        return ProtobufCodec.isEnvelope(value) ? protobuf.decode(value) : Json.parse(value);
    }

    private static byte[] jsonFrame(String type, byte[] object, String end) {
        byte[] head = ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.UTF_8);
        byte[] tail = ("}" + end).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(head.length + object.length + tail.length)
                .put(head)
                .put(object)
                .put(tail)
                .array();
    }

    private byte[] yamlFrame(String type, byte[] object) {
        try {
            ObjectNode event = Json.object().put("type", type);
            event.set("object", yaml.readTree(object));
            var out = new ByteArrayOutputStream();
            out.write(YAML_DOCUMENT);
            out.write(yaml.writeValueAsBytes(event));
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// JSON is YAML too; where it is indented with tabs, upstream's parser takes it and ours does not. A comma behind
    /// the last element is YAML's.
    private Decoded yaml(byte[] body) {
        String problem = "error converting YAML to JSON: ";
        if (new String(body, 0, Math.min(body.length, LOOKED_AT), StandardCharsets.UTF_8)
                .stripLeading()
                .startsWith("{")) {
            try {
                return text(body, jsonInYaml, problem, WireCodec::yamlErrors);
            } catch (ApiException e) {
                return text(body, yamlBodies, problem, WireCodec::yamlErrors);
            }
        }
        return text(body, yamlBodies, problem, WireCodec::yamlErrors);
    }

    private static Decoded text(
            byte[] body,
            JsonFactory factory,
            String problem,
            Function<List<TreeReader.Duplicate>, List<String>> strictErrors) {
        try (var parser = factory.createParser(body)) {
            var reader = new TreeReader(parser);
            Optional<JsonNode> node = Optional.ofNullable(reader.read());
            if (!(node.orElse(null) instanceof ObjectNode object)) {
                throw ApiException.badRequest(problem + "expected an object");
            }
            if (parser.nextToken() != null) {
                throw ApiException.badRequest(problem + "expected one object, found more");
            }
            return new Decoded(object, strictErrors.apply(reader.duplicates()));
        } catch (IOException e) {
            throw ApiException.badRequest(problem + message(e));
        }
    }

    /// Source: kubernetes/apimachinery, `serializer/json/json.go`: YAML's are those of its parser, all in one.
    private static List<String> yamlErrors(List<TreeReader.Duplicate> duplicates) {
        return duplicates.isEmpty()
                ? List.of()
                : List.of(duplicates.stream()
                        .map(again -> "line " + again.line() + ": key \"" + again.key() + "\" already set in map")
                        .collect(Collectors.joining("\n  ", "yaml: unmarshal errors:\n  ", "")));
    }

    private static List<String> jsonErrors(List<TreeReader.Duplicate> duplicates) {
        return duplicates.stream()
                .map(again -> "duplicate field \"" + again.path() + "\"")
                .toList();
    }

    private static String message(IOException e) {
        return e instanceof JsonProcessingException json ? json.getOriginalMessage() : String.valueOf(e.getMessage());
    }
}
