package io.insula.tenantapi.apply;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FieldManagerTest {

    /// @param owners `manager Operation: {fieldsV1}`
    record Case(String name, Function<Live, Live> writes, Live live, String content, String owners) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String TWO_CONTAINERS =
            "{spec: {template: {spec: {containers: [{name: a, image: i}," + " {name: b, image: j}]}}}}";

    static Stream<Case> merges() {
        return Stream.of(
                new Case(
                        "an apply creates and owns",
                        live -> live.apply("a", "{metadata: {labels: {l: '1'}}, spec: {replicas: 1}}"),
                        Live.deployment(),
                        "{metadata: {labels: {l: '1'}}, spec: {replicas: 1}}",
                        "a Apply: {f:metadata: {f:labels: {f:l: {}}}, f:spec: {f:replicas: {}}}"),
                new Case(
                        "what is no longer applied is removed",
                        live -> live.apply("a", "{metadata: {labels: {l: '1', m: '2'}}, spec: {replicas: 1}}")
                                .apply("a", "{metadata: {labels: {l: '1'}}}"),
                        Live.deployment(),
                        "{metadata: {labels: {l: '1'}}}",
                        "a Apply: {f:metadata: {f:labels: {f:l: {}}}}"),
                new Case(
                        "what another also applies stays, and is the other's",
                        live -> live.apply("a", "{spec: {replicas: 1, paused: true}}")
                                .apply("b", "{spec: {replicas: 1}}")
                                .apply("a", "{spec: {paused: true}}"),
                        Live.deployment(),
                        "{spec: {replicas: 1, paused: true}}",
                        "{a Apply: {f:spec: {f:paused: {}}}, b Apply: {f:spec: {f:replicas: {}}}}"),
                new Case(
                        "two own the same value",
                        live -> live.apply("a", "{spec: {replicas: 1}}").apply("b", "{spec: {replicas: 1}}"),
                        Live.deployment(),
                        "{spec: {replicas: 1}}",
                        "{a Apply: {f:spec: {f:replicas: {}}}, b Apply: {f:spec: {f:replicas: {}}}}"),
                new Case(
                        "force takes the field",
                        live -> live.apply("a", "{spec: {replicas: 1, paused: true}}")
                                .force("b", "{spec: {replicas: 2}}"),
                        Live.deployment(),
                        "{spec: {replicas: 2, paused: true}}",
                        "{a Apply: {f:spec: {f:paused: {}}}, b Apply: {f:spec: {f:replicas: {}}}}"),
                new Case(
                        "an update takes what it changes",
                        live -> live.apply("a", "{spec: {replicas: 1, paused: true}}")
                                .update("u", "{spec: {replicas: 2, paused: true}}"),
                        Live.deployment(),
                        "{spec: {replicas: 2, paused: true}}",
                        "{a Apply: {f:spec: {f:paused: {}}}, u Update: {f:spec: {f:replicas: {}}}}"),
                new Case(
                        "an update that removes leaves no owner",
                        live -> live.apply("a", "{spec: {replicas: 1, paused: true}}")
                                .update("u", "{spec: {replicas: 1}}"),
                        Live.deployment(),
                        "{spec: {replicas: 1}}",
                        "{a Apply: {f:spec: {f:replicas: {}}}}"),
                new Case(
                        "an apply leaves what an updater set",
                        live -> live.apply("a", "{spec: {paused: true}}")
                                .update("u", "{spec: {replicas: 2, paused: true}}")
                                .apply("a", "{spec: {minReadySeconds: 1}}"),
                        Live.deployment(),
                        "{spec: {replicas: 2, minReadySeconds: 1}}",
                        "{a Apply: {f:spec: {f:minReadySeconds: {}}}, u Update: {f:spec: {f:replicas: {}}}}"),
                new Case(
                        "list elements by key",
                        live -> live.apply("a", TWO_CONTAINERS)
                                .apply("b", "{spec: {template: {spec: {containers: [{name: b, tty: true}]}}}}")
                                .apply("a", "{spec: {template: {spec: {containers: [{name: a, image: i}]}}}}"),
                        Live.deployment(),
                        "{spec: {template: {spec: {containers: [{name: a, image: i}, {name: b, tty: true}]}}}}",
                        """
                        a Apply: {f:spec: {f:template: {f:spec: {f:containers: {'k:{"name":"a"}':
                          {.: {}, f:image: {}, f:name: {}}}}}}}
                        b Apply: {f:spec: {f:template: {f:spec: {f:containers: {'k:{"name":"b"}':
                          {.: {}, f:name: {}, f:tty: {}}}}}}}
                        """),
                new Case(
                        "a list element that nobody applies any more",
                        live -> live.apply("a", TWO_CONTAINERS)
                                .apply("a", "{spec: {template: {spec: {containers: [{name: b, image: j}]}}}}"),
                        Live.deployment(),
                        "{spec: {template: {spec: {containers: [{name: b, image: j}]}}}}",
                        """
                        a Apply: {f:spec: {f:template: {f:spec: {f:containers: {'k:{"name":"b"}':
                          {.: {}, f:image: {}, f:name: {}}}}}}}
                        """),
                new Case(
                        "keys that are defaulted",
                        live -> live.apply("a", "{spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}")
                                .update(
                                        "u",
                                        "{spec: {containers: [{name: c, ports: [{containerPort: 80, protocol: TCP},"
                                                + " {containerPort: 80, protocol: UDP}]}]}}"),
                        Live.pod(),
                        "{spec: {containers: [{name: c, ports: [{containerPort: 80, protocol: TCP},"
                                + " {containerPort: 80, protocol: UDP}]}]}}",
                        """
                        a Apply: {f:spec: {f:containers: {'k:{"name":"c"}': {.: {}, f:name: {}, f:ports:
                          {'k:{"containerPort":80,"protocol":"TCP"}': {.: {}, f:containerPort: {}}}}}}}
                        u Update: {f:spec: {f:containers: {'k:{"name":"c"}': {f:ports:
                          {'k:{"containerPort":80,"protocol":"UDP"}':
                          {.: {}, f:containerPort: {}, f:protocol: {}}}}}}}
                        """),
                new Case(
                        "sets, in upstream's order",
                        live -> live.apply("a", "{metadata: {finalizers: [a, c]}}")
                                .update("u", "{metadata: {finalizers: [a, b, c, d]}}")
                                .apply("a", "{metadata: {finalizers: [a, aprime, c, cprime]}}"),
                        Live.deployment(),
                        "{metadata: {finalizers: [a, b, aprime, c, d, cprime]}}",
                        """
                        a Apply: {f:metadata: {f:finalizers: {'v:"a"': {}, 'v:"aprime"': {}, 'v:"c"': {},
                          'v:"cprime"': {}}}}
                        u Update: {f:metadata: {f:finalizers: {'v:"b"': {}, 'v:"d"': {}}}}
                        """),
                new Case(
                        "an element of a set that another put there stays",
                        live -> live.apply("a", "{metadata: {finalizers: [a, b]}}")
                                .apply("b", "{metadata: {finalizers: [b]}}")
                                .apply("a", "{metadata: {finalizers: []}}"),
                        Live.deployment(),
                        "{metadata: {finalizers: [b]}}",
                        "b Apply: {f:metadata: {f:finalizers: {'v:\"b\"': {}}}}"),
                new Case(
                        "atomic lists are one value",
                        live -> live.apply("a", "{spec: {containers: [{name: c, args: [x, y]}]}}")
                                .force("b", "{spec: {containers: [{name: c, args: [z]}]}}"),
                        Live.pod(),
                        "{spec: {containers: [{name: c, args: [z]}]}}",
                        """
                        a Apply: {f:spec: {f:containers: {'k:{"name":"c"}': {.: {}, f:name: {}}}}}
                        b Apply: {f:spec: {f:containers: {'k:{"name":"c"}': {.: {}, f:args: {}, f:name: {}}}}}
                        """),
                new Case(
                        "atomic maps are one value",
                        live -> live.apply("a", "{spec: {nodeSelector: {x: '1'}}}")
                                .force("b", "{spec: {nodeSelector: {y: '2'}}}"),
                        Live.pod(),
                        "{spec: {nodeSelector: {y: '2'}}}",
                        "b Apply: {f:spec: {f:nodeSelector: {}}}"),
                new Case(
                        "maps are granular by key",
                        live -> live.apply("a", "{metadata: {annotations: {x: '1'}}}")
                                .apply("b", "{metadata: {annotations: {y: '2'}}}")
                                .apply("a", "{}"),
                        Live.pod(),
                        "{metadata: {annotations: {y: '2'}}}",
                        "b Apply: {f:metadata: {f:annotations: {f:y: {}}}}"),
                new Case(
                        "empty objects are leaves",
                        live -> live.apply("a", "{spec: {volumes: [{name: v, emptyDir: {}}]}}"),
                        Live.pod(),
                        "{spec: {volumes: [{name: v, emptyDir: {}}]}}",
                        """
                        a Apply: {f:spec: {f:volumes: {'k:{"name":"v"}': {.: {}, f:emptyDir: {}, f:name: {}}}}}
                        """),
                new Case(
                        "a kind without schema: maps by key, lists whole",
                        live -> live.apply("a", "{spec: {m: {x: 1}, l: [1, 2]}}")
                                .apply("b", "{spec: {m: {y: 2}}}")
                                .update("u", "{spec: {m: {x: 1, y: 2}, l: [3]}}"),
                        Live.untyped(),
                        "{spec: {m: {x: 1, y: 2}, l: [3]}}",
                        """
                        a Apply: {f:spec: {.: {}, f:m: {.: {}, f:x: {}}}}
                        b Apply: {f:spec: {.: {}, f:m: {.: {}, f:y: {}}}}
                        u Update: {f:spec: {f:l: {}}}
                        """),
                new Case(
                        "status is not the main resource's",
                        live -> live.at("", "status").apply("a", "{spec: {paused: true}, status: {replicas: 3}}"),
                        Live.deployment(),
                        "{spec: {paused: true}, status: {replicas: 3}}",
                        "a Apply: {f:spec: {f:paused: {}}}"),
                new Case(
                        "a subresource has entries of its own",
                        live -> live.at("", "status")
                                .apply("a", "{spec: {paused: true}}")
                                .at("status", "spec")
                                .apply("a", "{status: {replicas: 3}}"),
                        Live.deployment(),
                        "{spec: {paused: true}, status: {replicas: 3}}",
                        "{a Apply: {f:spec: {f:paused: {}}}, a Apply status: {f:status: {f:replicas: {}}}}"),
                new Case(
                        "duplicates that an update brought are one value",
                        live -> live.update(
                                "u",
                                "{spec: {containers: [{name: c, env: [{name: A, value: '1'},"
                                        + " {name: A, value: '2'}]}]}}"),
                        Live.pod(),
                        "{spec: {containers: [{name: c, env: [{name: A, value: '1'}, {name: A, value: '2'}]}]}}",
                        """
                        u Update: {f:spec: {f:containers: {'k:{"name":"c"}':
                          {.: {}, f:env: {.: {}, 'k:{"name":"A"}': {}}, f:name: {}}}}}
                        """),
                new Case(
                        "a null is dropped",
                        live -> live.apply("a", "{spec: {replicas: null, paused: true}}"),
                        Live.deployment(),
                        "{spec: {paused: true}}",
                        "a Apply: {f:spec: {f:paused: {}, f:replicas: {}}}"));
    }

    @ParameterizedTest
    @MethodSource
    void merges(Case c) {
        Live live = c.writes().apply(c.live());
        assertThat(live.content()).isEqualTo(yaml(c.content()));
        assertThat(live.owners()).isEqualTo(owners(c.owners()));
    }

    private static Map<String, JsonNode> owners(String text) {
        var owners = new TreeMap<String, JsonNode>();
        yaml(text).properties().forEach(e -> owners.put(e.getKey(), e.getValue()));
        return owners;
    }

    @Test
    void refusesToTakeAFieldFromAnApplier() {
        Live live = Live.deployment().apply("a", "{spec: {replicas: 1}}");
        assertThatThrownBy(() -> live.apply("b", "{spec: {replicas: 2}}"))
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.code()).isEqualTo(409);
                    assertThat(e.reason()).isEqualTo("Conflict");
                    assertThat(e.status().path("details").path("causes"))
                            .isEqualTo(yaml("c: [{reason: FieldManagerConflict, message: 'conflict with \"a\"',"
                                            + " field: .spec.replicas}]")
                                    .path("c"));
                })
                .hasMessage("Apply failed with 1 conflict: conflict with \"a\": .spec.replicas");
    }

    @Test
    void namesAllConflictsByManager() {
        Live live = Live.deployment()
                .update("u", "{spec: {replicas: 1, template: {spec: {containers: [{name: c, image: i}]}}}}")
                .at("scale")
                .update("v", "{spec: {replicas: 2, template: {spec: {containers: [{name: c, image: i}]}}}}")
                .at("");
        assertThatThrownBy(() ->
                        live.apply("b", "{spec: {replicas: 3, template: {spec: {containers: [{name: c, image: k}]}}}}"))
                .hasMessage("""
                        Apply failed with 2 conflicts: conflicts with "u" using apps/v1:
                        - .spec.template.spec.containers[name="c"].image
                        conflicts with "v" with subresource "scale" using apps/v1:
                        - .spec.replicas""");
    }

    @Test
    void letsKubectlTakeOverWhatItAppliedFromTheClient() {
        String annotations = """
                {metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration:
                  '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":1}}'}},
                  spec: {replicas: 1, paused: false}}
                """;
        Live live = Live.deployment().update("kubectl-client-side-apply", annotations);
        assertThatThrownBy(() -> live.apply("other", "{spec: {replicas: 2}}")).hasMessageContaining("1 conflict");
        assertThatThrownBy(() -> live.apply("kubectl", "{spec: {paused: true}}"))
                .hasMessageContaining("1 conflict");
        live.apply("kubectl", "{spec: {replicas: 2}}");
        assertThat(live.object().path("spec").path("replicas").asInt()).isEqualTo(2);
        assertThat(live.object()
                        .path("metadata")
                        .path("annotations")
                        .path("kubectl.kubernetes.io/last-applied-configuration")
                        .asText())
                .isEqualTo("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"x\"},"
                        + "\"spec\":{\"replicas\":2}}\n");
    }

    @Test
    void recordsWhoWroteBeforeTheFirstApply() {
        Live live = Live.deployment().update("u", "{spec: {replicas: 1}}");
        live.object().withObjectProperty("metadata").remove("managedFields");
        live.apply("a", "{spec: {paused: true}}");
        assertThat(live.owners())
                .isEqualTo(owners("{a Apply: {f:spec: {f:paused: {}}},"
                        + " before-first-apply Update: {f:spec: {f:replicas: {}}}}"));
    }

    /// Nobody owns the template itself, which is always there; but a container's resources come with the container.
    @Test
    void ownsWhatANewElementBringsAlong() {
        Live live = Live.deployment().update("u", """
                {spec: {template: {spec: {containers: [{name: a, resources: {limits: {cpu: 1}}}]}}}}""");
        assertThat(live.owners()).isEqualTo(owners("""
                {u Update: {f:spec: {f:template: {f:spec: {f:containers: {'k:{"name":"a"}': {.: {},
                  f:name: {}, f:resources: {.: {}, f:limits: {.: {}, f:cpu: {}}}}}}}}}}"""));
    }

    @Test
    void leavesTimesAloneWhereNothingChanged() {
        Live live = Live.deployment()
                .apply("a", "{spec: {paused: true}}")
                .update("u", "{spec: {paused: true, replicas: 1}}");
        var before = live.object();
        live.apply("a", "{spec: {paused: true}}").update("u", "{spec: {paused: true, replicas: 1}}");
        assertThat(live.object()).isEqualTo(before);
        live.update("u", "{spec: {paused: true, replicas: 2}}");
        assertThat(live.times()).isEqualTo(Map.of("a", "2024-05-01T10:00:00Z", "u", "2024-05-01T10:00:04Z"));
    }

    @Test
    void foldsTheOldestUpdatersTogether() {
        Live live = Live.deployment();
        for (int i = 1; i <= 12; i++) {
            live.update("u" + i, "{metadata: {annotations: {" + annotations(i) + "}}, spec: {replicas: 1}}");
        }
        assertThat(live.owners())
                .hasSize(10)
                .containsKey("ancient-changes Update")
                .containsKey("u12 Update");
        assertThat(live.owners()).doesNotContainKeys("u1 Update", "u2 Update", "u3 Update");
        assertThat(live.times()).containsEntry("ancient-changes", "2024-05-01T10:00:02Z");
    }

    private static String annotations(int count) {
        var text = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            text.append("a").append(i).append(": x, ");
        }
        return text.toString();
    }

    @Test
    void forgetsAllOwnersOnRequest() {
        for (String reset : new String[] {"[]", "[{}]"}) {
            Live live = Live.deployment().apply("a", "{spec: {paused: true}}");
            live.update("u", "{metadata: {managedFields: " + reset + "}, spec: {paused: true}}");
            assertThat(live.owners()).isEmpty();
            assertThat(live.object().path("metadata").has("managedFields")).isFalse();
        }
    }

    @Test
    void keepsOwnersWhereAClientSendsNone() {
        Live live = Live.deployment().apply("a", "{spec: {paused: true}}");
        live.update("u", "{spec: {paused: true}}");
        assertThat(live.owners()).containsOnlyKeys("a Apply");
    }

    record Refusal(String name, String config, int code, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Refusal> refusals() {
        return Stream.of(
                new Refusal(
                        "managedFields in the configuration",
                        "{metadata: {managedFields: []}}",
                        400,
                        "metadata.managedFields must be nil"),
                new Refusal(
                        "an unknown field",
                        "{spec: {foo: 1}}",
                        500,
                        "failed to create typed patch object (/x; apps/v1, Kind=Deployment): .spec.foo: field not"
                                + " declared in schema"),
                new Refusal(
                        "a wrong form",
                        "{spec: {template: {spec: {containers: {}}}}}",
                        500,
                        ".spec.template.spec.containers: expected list, got {}"),
                new Refusal(
                        "an element without its key",
                        "{spec: {selector: {matchExpressions: [{}]}, template: {spec: {volumes: [1]}}}}",
                        500,
                        "associative list with keys may not have non-map elements"),
                new Refusal(
                        "the same key twice",
                        "{spec: {template: {spec: {containers: [{name: a}, {name: a}]}}}}",
                        500,
                        "duplicate entries for key [name=\"a\"]"));
    }

    @ParameterizedTest
    @MethodSource
    void refusals(Refusal refusal) {
        assertThatThrownBy(() -> Live.deployment().apply("a", refusal.config()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(refusal.code()))
                .hasMessageContaining(refusal.message());
    }

    @Test
    void writesAndReadsFieldsV1() {
        var fields = yaml("""
                f:metadata: {f:labels: {.: {}, f:a.b/c: {}}, f:finalizers: {'v:"x"': {}}}
                f:spec:
                  f:ports: {'k:{"port":80,"protocol":"TCP"}': {.: {}, f:port: {}}}
                  f:list: {'i:0': {}}
                """);
        FieldSet set = FieldSet.parse(fields);
        assertThat(set.toJson()).isEqualTo(fields);
        assertThat(set.union(FieldSet.of("spec.x")).difference(set)).isEqualTo(FieldSet.of("spec.x"));
        assertThat(FieldSet.parse(yaml("{f:a: {}, 'x:future': {}}"))).isEqualTo(FieldSet.of("a"));
        assertThatThrownBy(() -> FieldSet.parse(yaml("{a: {}}"))).isInstanceOf(IllegalArgumentException.class);
    }
}
