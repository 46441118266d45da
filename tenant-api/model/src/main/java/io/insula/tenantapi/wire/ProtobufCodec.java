package io.insula.tenantapi.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import java.util.Arrays;

/// `application/vnd.kubernetes.protobuf`: the bytes `k8s\0`, then a `runtime.Unknown` whose `raw` is the object without
/// its apiVersion and kind. Stateless.
final class ProtobufCodec {

    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private final ProtoTypes types;
    private final ProtoToJson toJson;
    private final JsonToProto toProto;

    ProtobufCodec(ProtoTypes types) {
        this.types = types;
        this.toJson = new ProtoToJson(types);
        this.toProto = new JsonToProto(types);
    }

    static boolean isEnvelope(byte[] value) {
        return value.length >= MAGIC.length && Arrays.equals(value, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    boolean knows(String apiVersion, String kind) {
        return types.message(GroupVersionKind.of(apiVersion, kind)).isPresent();
    }

    ObjectNode decode(byte[] body) {
        if (!isEnvelope(body)) {
            throw ApiException.badRequest(
                    "provided data does not appear to be a protobuf message, expected prefix" + " [107 56 115 0]");
        }
        try {
            var envelope =
                    Runtime.Unknown.parseFrom(ByteString.copyFrom(body, MAGIC.length, body.length - MAGIC.length));
            var typeMeta = envelope.getTypeMeta();
            var kind = GroupVersionKind.of(typeMeta.getApiVersion(), typeMeta.getKind());
            Descriptor message = types.message(kind)
                    .orElseThrow(() -> ApiException.badRequest("no kind \"" + kind.kind()
                            + "\" is registered for version \"" + kind.apiVersion() + "\" in protobuf"));
            ObjectNode object = toJson.object(DynamicMessage.parseFrom(message, envelope.getRaw()));
            object.put("apiVersion", typeMeta.getApiVersion()).put("kind", typeMeta.getKind());
            return object;
        } catch (InvalidProtocolBufferException e) {
            throw ApiException.badRequest("error decoding protobuf: " + e.getMessage());
        }
    }

    byte[] encode(ObjectNode object) {
        String apiVersion = object.path("apiVersion").asText();
        String kind = object.path("kind").asText();
        Descriptor message = types.message(GroupVersionKind.of(apiVersion, kind))
                .orElseThrow(() -> new IllegalArgumentException("no protobuf message for " + apiVersion + " " + kind));
        byte[] envelope = Runtime.Unknown.newBuilder()
                .setTypeMeta(
                        Runtime.TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
                .setRaw(toProto.message(message, object).toByteString())
                .setContentEncoding("")
                .setContentType("")
                .build()
                .toByteArray();
        byte[] body = Arrays.copyOf(MAGIC, MAGIC.length + envelope.length);
        System.arraycopy(envelope, 0, body, MAGIC.length, envelope.length);
        return body;
    }

    byte[] watchEvent(String type, byte[] object) {
        return Meta.WatchEvent.newBuilder()
                .setType(type)
                .setObject(Runtime.RawExtension.newBuilder().setRaw(ByteString.copyFrom(object)))
                .build()
                .toByteArray();
    }
}
