package io.insula.tenantapi.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Reads the `definitions` of an OpenAPI document as compact JSON per definition: as bytes they take 2 MB, as trees
/// fifteen.
final class Definitions {

    private static final String UPSTREAM = "/openshift-generated.json";
    private static final String MISSING_THERE = "definitions.json";
    private static final String PREFIX = "io.k8s.";
    /// Not part of the API; it refers to a definition that does not exist.
    private static final String INTERNAL = "io.k8s.apimachinery.pkg.apis.meta.v1.InternalEvent";
    private static final String FOREIGN = "x-fabric8-info";

    private Definitions() {}

    /// By definition name, sorted.
    static NavigableMap<String, byte[]> load() {
        var all = new TreeMap<String, byte[]>();
        read(UPSTREAM, all);
        read(MISSING_THERE, all);
        return all;
    }

    private static void read(String resource, Map<String, byte[]> into) {
        var factory = new JsonFactory();
        try (InputStream in = Definitions.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource is missing: " + resource);
            }
            try (JsonParser parser = factory.createParser(in)) {
                readDocument(factory, parser, into);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    private static void readDocument(JsonFactory factory, JsonParser parser, Map<String, byte[]> into)
            throws IOException {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("definitions")) {
                readDefinitions(factory, parser, into);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void readDefinitions(JsonFactory factory, JsonParser parser, Map<String, byte[]> into)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.startsWith(PREFIX) && !name.equals(INTERNAL)) {
                into.put(name, compact(factory, parser));
            } else {
                parser.skipChildren();
            }
        }
    }

    private static byte[] compact(JsonFactory factory, JsonParser parser) throws IOException {
        var out = new ByteArrayOutputStream();
        try (JsonGenerator generator = factory.createGenerator(out)) {
            generator.writeStartObject();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals(FOREIGN)) {
                    parser.skipChildren();
                } else {
                    generator.writeFieldName(field);
                    generator.copyCurrentStructure(parser);
                }
            }
            generator.writeEndObject();
        }
        return out.toByteArray();
    }
}
