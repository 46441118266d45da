package io.insula.tenantapi.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bodies that are nearly objects: each is refused with a 400 or gives a tree that comes back from every format that
/// can say it.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CodecFuzzTest {

    private static final int CASES = 3000;
    private static final long MOST_BYTES = 64 << 20;

    private static final List<String> OBJECTS = List.of("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"y","":"-"},
             "creationTimestamp":"2026-01-02T03:04:05Z",
             "managedFields":[{"manager":"m","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"k:{\\"a\\":1}":{}}}}]},
             "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],
             "resources":{"limits":{"cpu":"500m","memory":1e3}},"securityContext":{"runAsUser":-0,"privileged":false}}],
             "volumes":[{"name":"v","configMap":{"name":"cm","defaultMode":420}}]}}
            """, """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1","b":"true","c":"~","d":"0x1f",
             "e":"- x\\n- y\\n","f":"# no","g":"*a","h":"&a b","i":"1_000","j":"12:30","k":"\\u2028\\t\\"","l":" x "}}
            """, """
            {"apiVersion":"x.example.com/v1","kind":"Anything","metadata":{"name":"m"},"spec":[[],{},[{"a":[null,
             1.5,-9223372036854775808,"\\ud83d\\ude00"]}],{"<":true}],"status":{"a":{"b":{"c":{"d":[[[1]]]}}}}}
            """);

    private static final List<String> JSON_TOKENS = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\ud800",
            "\\udc00",
            "\\u0000",
            "\\x",
            "null",
            "true",
            "-",
            "1e400",
            "-1E+400",
            "0.1e-400",
            "9223372036854775808",
            "1".repeat(1100),
            "1.5",
            "00",
            "\"a\":",
            "\"<<\":",
            "\"metadata\":{\"name\":",
            "NaN",
            "\0",
            "\u00e9",
            "\ud83d\ude00",
            "\ufeff",
            "//",
            "\n",
            "[".repeat(1100),
            "{\"a\":".repeat(1100),
            "{} ");

    private static final List<String> YAML_TOKENS = List.of(
            "&a ",
            "&b ",
            "*a",
            "*b ",
            "<<: *a\n",
            "- ",
            "? ",
            ": ",
            "|\n ",
            ">-\n",
            "!!binary ",
            "!!int ",
            "!!float x",
            "!!set ",
            "!!str ",
            "!foo ",
            "---\n",
            "...\n",
            "%YAML 9.9\n",
            "%TAG ! tag:x,2000:\n",
            "#",
            "\t",
            "\n  ",
            "'",
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ".inf",
            "-.INF",
            ".nan",
            "0x1F",
            "0xffffffffffffffffff",
            "0o17",
            "017",
            "089",
            "0b12",
            "1_000",
            "_",
            "-_",
            "+.5",
            "1e",
            "1e999",
            "190:20:30",
            "2001-12-14",
            "~",
            "=",
            "yes",
            "\\x",
            "\u0085",
            "\u2028",
            "\ufeff",
            "@",
            "`",
            "[".repeat(1100),
            "- ".repeat(1100),
            "{a: ".repeat(1100),
            "1".repeat(1100));

    private final WireCodec codec = new WireCodec();

    @Test
    void refusesJsonOrGivesItBack() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String text = Fuzz.mutated(random, Fuzz.any(random, OBJECTS), JSON_TOKENS);
            decoded(body(random, text), WireFormat.JSON).ifPresent(this::comesBack);
        });
    }

    @Test
    void refusesYamlOrGivesItBack() {
        List<String> texts = new ArrayList<>(OBJECTS);
        for (String object : OBJECTS) {
            byte[] yaml = codec.encode(Json.parse(bytes(object)), WireFormat.YAML, false);
            texts.add(new String(yaml, StandardCharsets.UTF_8));
        }
        texts.add("a: &a {x: 1}\nb: &b [*a, *a]\nc: {<<: *a, y: 2}\nd: {<<: [*a, {z: 3}], x: 4}\n");
        texts.add("a: |\n  x\n  y\nb: >-\n  x\n\n  y\n? c\n: - 1\n  - 2\nd: !!binary AAEC\n");
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String text = Fuzz.mutated(random, Fuzz.any(random, texts), YAML_TOKENS);
            decoded(body(random, text), WireFormat.YAML).ifPresent(this::comesBack);
        });
    }

    @Test
    void refusesPatchesOrGivesThemBack() {
        List<String> patches = List.of(
                "[{\"op\":\"add\",\"path\":\"/a~1b/-\",\"value\":{\"c\":[1]}},{\"op\":\"test\",\"path\":\"\"}]",
                "{\"spec\":{\"$patch\":\"replace\",\"$setElementOrder/a\":[{\"name\":\"x\"}],\"b\":null}}");
        Fuzz.run(CASES, MOST_BYTES, random -> {
            try {
                JsonNode patch =
                        codec.decodePatch(body(random, Fuzz.mutated(random, Fuzz.any(random, patches), JSON_TOKENS)));
                assertThat(codec.decodePatch(Json.bytes(patch))).isEqualTo(patch);
            } catch (ApiException e) {
                assertThat(e.code()).isEqualTo(400);
            }
        });
    }

    /// Half of the bodies are not even UTF-8.
    private static byte[] body(Random random, String text) {
        return random.nextBoolean() ? bytes(text) : Fuzz.mutated(random, bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Optional<ObjectNode> decoded(byte[] body, WireFormat format) {
        try {
            return Optional.of(codec.decode(body, format).object());
        } catch (ApiException e) {
            assertThat(e.code()).isEqualTo(400);
            assertThat(Json.bytes(e.status())).hasSizeLessThan(4096 + 2 * body.length);
            return Optional.empty();
        }
    }

    private void comesBack(ObjectNode object) {
        for (boolean pretty : new boolean[] {false, true}) {
            byte[] json = codec.encode(object, WireFormat.JSON, pretty);
            assertThat(codec.decode(json, WireFormat.JSON).object()).isEqualTo(object);
            assertThat(Json.parse(json)).isEqualTo(object);
        }
        byte[] yaml = codec.encode(object, WireFormat.YAML, false);
        // quoted or not, we take that key for YAML's own
        if (object.findValue("<<") == null) {
            assertThat(codec.decode(yaml, WireFormat.YAML).object())
                    .as(new String(yaml, StandardCharsets.UTF_8))
                    .isEqualTo(object);
        }
        codec.watchFrame("ADDED", yaml, WireFormat.YAML);
    }
}
