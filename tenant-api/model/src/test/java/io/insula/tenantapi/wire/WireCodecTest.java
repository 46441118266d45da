package io.insula.tenantapi.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Apps;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireCodecTest {

    private final WireCodec codec = new WireCodec();

    @ParameterizedTest
    @ValueSource(strings = {"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"y"},
                 "creationTimestamp":"2026-01-02T03:04:05Z",
                 "managedFields":[{"manager":"m","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:x":{}}}}]},
                 "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],
                 "resources":{"limits":{"cpu":"500m"}},
                 "livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},
                 "securityContext":{"runAsUser":0,"privileged":false}}],
                 "volumes":[{"name":"v","configMap":{"name":"cm","defaultMode":420}},
                 {"name":"p","projected":{"sources":[{"secret":{"name":"s"}}]}}]}}
                """, """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},
                 "spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},
                 "strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}},
                 "template":{"metadata":{},"spec":{"containers":[{"name":"c"}]}}},"status":{}}
                """, """
                {"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"k":"AQID"},"type":"Opaque"}
                """, """
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"x"},
                 "spec":{"group":"g","names":{"plural":"x","kind":"X"},"scope":"Namespaced",
                 "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
                 "properties":{"a":{"type":"array","items":{"type":"string"}},
                 "b":{"x-kubernetes-preserve-unknown-fields":true,"default":{"q":1}}},
                 "additionalProperties":false}}}]},
                 "status":{"conditions":[],"acceptedNames":{"plural":"","kind":""},"storedVersions":[]}}
                """, """
                {"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1.example.com"},
                 "spec":{"service":{"namespace":"n","name":"s","port":443},"group":"example.com","version":"v1",
                 "insecureSkipTLSVerify":true,"caBundle":"AQID","groupPriorityMinimum":2000,"versionPriority":0},
                 "status":{"conditions":[{"type":"Available","status":"True","reason":"Passed","message":"m",
                 "lastTransitionTime":"2026-01-02T03:04:05Z"}]}}
                """, """
                {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,"preconditions":{"uid":"u"}}
                """})
    void keepsAnObjectThroughProtobuf(String text) {
        ObjectNode object = Json.parse(text.getBytes(StandardCharsets.UTF_8));
        ObjectNode back = codec.decode(codec.encode(object, WireFormat.PROTOBUF, false), WireFormat.PROTOBUF)
                .object();
        assertThat(withoutEmptyLists(back)).isEqualTo(withoutEmptyLists(object));
    }

    @Test
    void dropsZerosThatGoWritesForUnsetFieldsAndKeepsSetOnes() {
        byte[] raw = V1Apps.Deployment.newBuilder()
                .setMetadata(Meta.ObjectMeta.newBuilder()
                        .setName("d")
                        .setGenerateName("")
                        .setGeneration(0))
                .setSpec(V1Apps.DeploymentSpec.newBuilder()
                        .setReplicas(0)
                        .setMinReadySeconds(0)
                        .setTemplate(V1.PodTemplateSpec.newBuilder()
                                .setSpec(V1.PodSpec.newBuilder()
                                        .setRestartPolicy("")
                                        .setHostNetwork(false))))
                .build()
                .toByteArray();
        ObjectNode object = codec.decode(envelope("apps/v1", "Deployment", raw), WireFormat.PROTOBUF)
                .object();
        assertThat(object.path("spec").path("replicas").asInt(-1)).isZero();
        assertThat(object.path("spec").has("minReadySeconds")).isFalse();
        assertThat(object.at("/spec/template/spec").has("restartPolicy")).isFalse();
        assertThat(object.path("metadata").has("generateName")).isFalse();
    }

    @Test
    void reportsDuplicateFieldsWithTheirPath() {
        Decoded decoded = codec.decode(
                "{\"spec\":{\"a\":1,\"a\":2},\"kind\":\"X\"}".getBytes(StandardCharsets.UTF_8), WireFormat.JSON);
        assertThat(decoded.strictErrors()).containsExactly("duplicate field \"spec.a\"");
        assertThat(decoded.object().at("/spec/a").asInt()).isEqualTo(2);
    }

    @Test
    void reportsDuplicateFieldsOfYamlWithTheirLine() {
        Decoded decoded =
                codec.decode("\nkind: X\nspec:\n  a: 1\n  a: 2\n".getBytes(StandardCharsets.UTF_8), WireFormat.YAML);
        assertThat(decoded.strictErrors())
                .containsExactly("yaml: unmarshal errors:\n  line 5: key \"a\" already set in map");
    }

    @Test
    void keepsAnObjectWhoseOnlyFieldIsItems() {
        byte[] pod = V1.Pod.newBuilder()
                .setSpec(V1.PodSpec.newBuilder()
                        .addVolumes(V1.Volume.newBuilder()
                                .setName("v")
                                .setVolumeSource(V1.VolumeSource.newBuilder()
                                        .setProjected(V1.ProjectedVolumeSource.newBuilder()
                                                .addSources(V1.VolumeProjection.newBuilder()
                                                        .setDownwardAPI(V1.DownwardAPIProjection.newBuilder()
                                                                .addItems(V1.DownwardAPIVolumeFile.newBuilder()
                                                                        .setPath("namespace"))))))))
                .build()
                .toByteArray();
        ObjectNode object =
                codec.decode(envelope("v1", "Pod", pod), WireFormat.PROTOBUF).object();
        assertThat(object.at("/spec/volumes/0/projected/sources/0/downwardAPI/items/0/path")
                        .asText())
                .isEqualTo("namespace");
    }

    @Test
    void readsYaml() {
        Decoded decoded = codec.decode(
                "apiVersion: v1\nkind: ConfigMap\ndata:\n  n: \"1\"\n".getBytes(StandardCharsets.UTF_8),
                WireFormat.YAML);
        assertThat(decoded.object().at("/data/n").isTextual()).isTrue();
    }

    @Test
    void readsJsonIndentedWithTabsAsYaml() {
        String json = "\n{\n\t\"kind\": \"ConfigMap\",\n\t\"data\": {\n\t\t\"a\": \"1\",\n\t\t\"a\": \"2\",\n\t},\n}";

        Decoded decoded = codec.decode(json.getBytes(StandardCharsets.UTF_8), WireFormat.YAML);

        assertThat(decoded.object().at("/kind").asText()).isEqualTo("ConfigMap");
        assertThat(decoded.strictErrors())
                .containsExactly("yaml: unmarshal errors:\n  line 6: key \"a\" already set in map");
    }

    @Test
    void readsYamlInFlowStyle() {
        Decoded decoded =
                codec.decode("{kind: ConfigMap, data: {a: '1'}}".getBytes(StandardCharsets.UTF_8), WireFormat.YAML);

        assertThat(decoded.object().at("/data/a").asText()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "\"x\"", "{} {}", "nul"})
    void refusesBodiesThatAreNotOneObject(String body) {
        assertThatThrownBy(() -> codec.decode(body.getBytes(StandardCharsets.UTF_8), WireFormat.JSON))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(400));
    }

    @Test
    void refusesDeeplyNestedBodies() {
        String deep = "{\"a\":".repeat(5000) + "1" + "}".repeat(5000);
        assertThatThrownBy(() -> codec.decode(deep.getBytes(StandardCharsets.UTF_8), WireFormat.JSON))
                .isInstanceOf(ApiException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k8s", "k8s\0\n", "\0\0\0\0garbage", "k8s\0\377\377\377"})
    void refusesMalformedProtobuf(String body) {
        assertThatThrownBy(() -> codec.decode(body.getBytes(StandardCharsets.ISO_8859_1), WireFormat.PROTOBUF))
                .isInstanceOf(ApiException.class);
    }

    /// A thread whose code is not compiled yet needs several times the stack that it needs later.
    @ParameterizedTest
    @EnumSource(names = {"JSON", "YAML"})
    void readsTreesThatAreAlmostTooDeepWithLittleStack(WireFormat format) throws Exception {
        byte[] deep = ("{\"a\":[".repeat(490) + "1" + "]}".repeat(490)).getBytes(StandardCharsets.UTF_8);
        var read = new FutureTask<>(() -> codec.decode(deep, format).object());
        new Thread(null, read, "little-stack", 256 * 1024).start();

        int levels = 0;
        for (JsonNode node = read.get(2, TimeUnit.MINUTES);
                node != null;
                node = node.isArray() ? node.get(0) : node.get("a")) {
            levels++;
        }
        assertThat(levels).isEqualTo(981);
    }

    @Test
    void negotiatesByQualityAndFallsThroughWhatCannotBeServed() {
        var formats = List.of(WireFormat.JSON, WireFormat.YAML, WireFormat.PROTOBUF);
        assertThat(Negotiation.choose(List.of("application/yaml;q=0.5, application/json"), formats, c -> false)
                        .format())
                .isEqualTo(WireFormat.JSON);
        assertThat(Negotiation.choose(
                                List.of("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
                                formats,
                                c -> false)
                        .as())
                .isEmpty();
        assertThat(Negotiation.choose(
                                List.of("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
                                formats,
                                c -> true)
                        .as())
                .isEqualTo("Table");
        assertThatThrownBy(() -> Negotiation.choose(List.of("text/html"), formats, c -> true))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(406));
    }

    private static byte[] envelope(String apiVersion, String kind, byte[] raw) {
        byte[] unknown = Runtime.Unknown.newBuilder()
                .setTypeMeta(
                        Runtime.TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
                .setRaw(ByteString.copyFrom(raw))
                .build()
                .toByteArray();
        byte[] body = new byte[4 + unknown.length];
        System.arraycopy(new byte[] {'k', '8', 's', 0}, 0, body, 0, 4);
        System.arraycopy(unknown, 0, body, 4, unknown.length);
        return body;
    }

    /// protobuf cannot tell an empty list from an absent one.
    private static ObjectNode withoutEmptyLists(ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        var names = copy.properties().stream()
                .filter(e -> e.getValue().isArray() && e.getValue().isEmpty())
                .map(java.util.Map.Entry::getKey)
                .toList();
        copy.remove(names);
        copy.forEach(child -> {
            if (child instanceof ObjectNode node) {
                var inner = withoutEmptyLists(node);
                node.removeAll();
                node.setAll(inner);
            }
        });
        return copy;
    }
}
