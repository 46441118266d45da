package io.insula.tenantapi.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.fuzz.Fuzz;
import io.kubernetes.client.proto.Runtime;
import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Messages of every kind, filled at random, come back as they went; what is nearly one is refused with a 400 or does.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProtobufFuzzTest {

    private static final int CASES = 3000;
    private static final long MOST_BYTES = 64 << 20;
    private static final int DEEPEST = 4;

    /// Their JSON is no object: none of them is a kind.
    private static final Set<String> VALUES = Set.of(
            "ExtraValue", "JSON", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray");

    private final ProtoTypes types = ProtoTypes.load();
    private final WireCodec codec = new WireCodec();
    private final List<GroupVersionKind> kinds = types.kinds().stream()
            .filter(kind -> !VALUES.contains(kind.kind()))
            .sorted(Comparator.comparing(GroupVersionKind::toString))
            .toList();

    @Test
    void givesMessagesOfEveryKindBack() {
        assertThat(kinds).hasSizeGreaterThan(500);
        Fuzz.run(CASES, MOST_BYTES, random -> {
            GroupVersionKind kind = Fuzz.any(random, kinds);
            ObjectNode object =
                    codec.decode(envelope(random, kind), WireFormat.PROTOBUF).object();
            assertThat(GroupVersionKind.of(
                            object.path("apiVersion").asText(),
                            object.path("kind").asText()))
                    .isEqualTo(kind);
            comesBack(object);
        });
    }

    @Test
    void refusesWhatIsNearlyAMessageOrGivesItBack() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            GroupVersionKind kind = Fuzz.any(random, kinds);
            byte[] body = Fuzz.mutated(random, envelope(random, kind));
            try {
                ObjectNode object = codec.decode(body, WireFormat.PROTOBUF).object();
                if (object.path("kind").asText().equals(kind.kind())) {
                    comesBack(object);
                }
            } catch (ApiException e) {
                assertThat(e.code()).isEqualTo(400);
            }
        });
    }

    private void comesBack(ObjectNode object) {
        byte[] json = codec.encode(object, WireFormat.JSON, false);
        assertThat(codec.decode(json, WireFormat.JSON).object()).isEqualTo(object);
        byte[] again = codec.encode(object, WireFormat.PROTOBUF, false);
        assertThat(codec.decode(again, WireFormat.PROTOBUF).object()).isEqualTo(object);
    }

    private byte[] envelope(Random random, GroupVersionKind kind) {
        var raw = message(random, types.message(kind).orElseThrow(), 0).toByteString();
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {'k', '8', 's', 0});
        out.writeBytes(Runtime.Unknown.newBuilder()
                .setTypeMeta(Runtime.TypeMeta.newBuilder()
                        .setApiVersion(kind.apiVersion())
                        .setKind(kind.kind()))
                .setRaw(raw)
                .build()
                .toByteArray());
        return out.toByteArray();
    }

    private DynamicMessage message(Random random, Descriptor type, int depth) {
        var builder = DynamicMessage.newBuilder(type);
        switch (type.getName()) {
            case "Quantity" -> set(builder, "string", random.nextInt(1000) + "m");
            case "Time" -> set(builder, "seconds", 1 + random.nextLong(4_000_000_000L));
            case "MicroTime" -> {
                set(builder, "seconds", 1 + random.nextLong(4_000_000_000L));
                set(builder, "nanos", random.nextInt(1_000_000) * 1000);
            }
            case "FieldsV1" -> set(builder, "Raw", ByteString.copyFromUtf8("{\"f:a\":{\".\":{}}}"));
            case "RawExtension", "JSON" -> set(builder, "raw", ByteString.copyFromUtf8("{\"a\":[1,null,\"x\"]}"));
            default -> {
                for (FieldDescriptor field : type.getFields()) {
                    fill(random, builder, field, depth);
                }
            }
        }
        return builder.build();
    }

    private void fill(Random random, DynamicMessage.Builder builder, FieldDescriptor field, int depth) {
        boolean deep = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth >= DEEPEST;
        if (deep || random.nextInt(3) == 0) {
            return;
        }
        if (field.isRepeated()) {
            for (int i = random.nextInt(3); i > 0; i--) {
                builder.addRepeatedField(field, value(random, field, depth));
            }
        } else {
            builder.setField(field, value(random, field, depth));
        }
    }

    private Object value(Random random, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> random.nextInt(5) - 2;
            case LONG -> random.nextBoolean() ? random.nextLong() : random.nextLong(3);
            case FLOAT -> (float) random.nextInt(9);
            case DOUBLE -> random.nextDouble();
            case BOOLEAN -> random.nextBoolean();
            case STRING -> Fuzz.any(random, List.of("", "a", "\u00e9\ud83d\ude00", "-1", "true"));
            case BYTE_STRING -> ByteString.copyFrom(new byte[random.nextInt(4)]);
            case ENUM -> throw new IllegalStateException("upstream has no enums: " + field.getFullName());
            case MESSAGE -> message(random, field.getMessageType(), depth + 1);
        };
    }

    private static void set(DynamicMessage.Builder builder, String field, Object value) {
        builder.setField(builder.getDescriptorForType().findFieldByName(field), value);
    }
}
