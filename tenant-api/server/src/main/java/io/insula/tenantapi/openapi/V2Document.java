package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The v2 document of one server: joined from the built-in kinds' part, which all servers of a JVM share, and the
/// server's own, whenever its bytes are asked for. Immutable.
public final class V2Document {

    private static final int PATHS = 8;
    private static final int DEFINITIONS = 9;

    private final V2Part builtIn;
    private final V2Part custom;
    private final String hash;

    V2Document(V2Part builtIn, V2Part custom) {
        this.builtIn = builtIn;
        this.custom = custom;
        hash = Document.hash(builtIn::digest, custom::digest);
    }

    /// Upper-case hex, without quotes: the ETag of either form. Source: kube-openapi, `pkg/handler`: `Vary` tells
    /// them apart.
    public String hash() {
        return hash;
    }

    /// Some megabytes, made anew.
    public byte[] json() {
        byte[] head = head().toString().getBytes(StandardCharsets.UTF_8);
        byte[] paths = ",\"paths\":{".getBytes(StandardCharsets.UTF_8);
        byte[] definitions = "},\"definitions\":{".getBytes(StandardCharsets.UTF_8);
        byte[] end = "}}".getBytes(StandardCharsets.UTF_8);
        int room = head.length
                + paths.length
                + builtIn.paths().length
                + custom.paths().length
                + definitions.length
                + builtIn.definitions().length
                + custom.definitions().length
                + end.length;
        ByteBuffer text = ByteBuffer.allocate(room).put(head, 0, head.length - 1);
        members(text.put(paths), builtIn.paths(), custom.paths());
        members(text.put(definitions), builtIn.definitions(), custom.definitions());
        text.put(end);
        return Arrays.copyOf(text.array(), text.position());
    }

    /// gnostic's `openapi.v2.Document`; some megabytes, made anew.
    public byte[] protobuf() {
        V2Part.Protobuf first = builtIn.protobuf();
        V2Part.Protobuf second = custom.protobuf();
        var writer = new ProtoWriter();
        writer.raw(SwaggerProtobuf.message("Document", head()));
        writer.lengthOf(PATHS, first.paths().length + second.paths().length);
        writer.raw(first.paths());
        writer.raw(second.paths());
        writer.lengthOf(DEFINITIONS, first.definitions().length + second.definitions().length);
        writer.raw(first.definitions());
        writer.raw(second.definitions());
        return writer.toBytes();
    }

    private static ObjectNode head() {
        ObjectNode head = Json.object().put("swagger", "2.0");
        head.putObject("info").put("title", "Kubernetes").put("version", "v1.34.0");
        return head;
    }

    private static void members(ByteBuffer text, byte[] first, byte[] second) {
        inner(text, first);
        if (first.length > 2 && second.length > 2) {
            text.put((byte) ',');
        }
        inner(text, second);
    }

    /// An object's text without its braces.
    private static void inner(ByteBuffer text, byte[] object) {
        text.put(object, 1, object.length - 2);
    }
}
