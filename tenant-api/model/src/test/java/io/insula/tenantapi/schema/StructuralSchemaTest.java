package io.insula.tenantapi.schema;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.schema.SchemaType.ListType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StructuralSchemaTest {

    private static final String CRON = """
            type: object
            properties:
              spec:
                type: object
                required: [schedule]
                properties:
                  schedule: {type: string, pattern: '^\\d+( \\d+)*$', minLength: 1, maxLength: 9}
                  replicas: {type: integer, minimum: 1, maximum: 10, default: 2}
                  ratio: {type: number, exclusiveMinimum: true, minimum: 0, multipleOf: 0.5}
                  mode: {type: string, enum: [fast, slow], default: fast}
                  port: {x-kubernetes-int-or-string: true}
                  note: {type: string, nullable: true, default: hello}
                  plain: {type: string}
                  when: {type: string, format: date-time}
                  limits: {type: object, additionalProperties: {type: integer}, maxProperties: 2}
                  tags: {type: array, items: {type: string}, x-kubernetes-list-type: set, maxItems: 3}
                  ports:
                    type: array
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [name, protocol]
                    items:
                      type: object
                      required: [name]
                      properties:
                        name: {type: string}
                        protocol: {type: string, default: TCP}
                  open: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object}}}
                  template: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}
                  choice: {type: object, properties: {a: {type: integer}, b: {type: integer}},
                    oneOf: [{required: [a]}, {required: [b]}]}
            """;

    private final ApiSchema api = ApiSchema.load();
    private final StructuralSchema cron = StructuralSchema.of(yaml(CRON), api);

    @Test
    void dropsWhatTheSchemaDoesNotName() {
        var object = yaml("""
                apiVersion: example.com/v1
                kind: CronTab
                metadata: {name: a, labels: {l: '1'}, foo: 1}
                extra: 1
                spec:
                  schedule: '1'
                  bad: {deep: 1}
                  ports: [{name: a, bad: 1}]
                  limits: {cpu: 1}
                  open: {anything: [1], known: {bad: 1}}
                  template: {apiVersion: v1, kind: X, metadata: {name: b, bad: 1}, spec: {bad: 1}, bad: 1}
                """);
        var found = cron.decode(object);
        assertThat(found.unknownFields())
                .containsExactly(
                        "metadata.foo",
                        "extra",
                        "spec.bad",
                        "spec.ports[0].bad",
                        "spec.open.known.bad",
                        "spec.template.metadata.bad",
                        "spec.template.spec.bad",
                        "spec.template.bad");
        assertThat(object).isEqualTo(yaml("""
                apiVersion: example.com/v1
                kind: CronTab
                metadata: {name: a, labels: {l: '1'}}
                spec:
                  schedule: '1'
                  ports: [{name: a}]
                  limits: {cpu: 1}
                  open: {anything: [1], known: {}}
                  template: {apiVersion: v1, kind: X, metadata: {name: b}, spec: {}}
                """));
    }

    @Test
    void keepsAllFieldsWithoutASchema() {
        var object = yaml("{metadata: {name: a, foo: 1}, anything: {b: [1]}}");
        var open = StructuralSchema.of(MissingNode.getInstance(), api);
        assertThat(open.decode(object).unknownFields()).containsExactly("metadata.foo");
        assertThat(object).isEqualTo(yaml("{metadata: {name: a}, anything: {b: [1]}}"));
        assertThat(open.validate(object)).isEmpty();
    }

    @Test
    void writesDefaultsAlsoOverWrongNulls() {
        var object = yaml("spec: {schedule: '1', mode: null, note: null, plain: null, ports: [{name: a}]}");
        cron.applyDefaults(object);
        assertThat(object)
                .isEqualTo(yaml("spec: {schedule: '1', mode: fast, note: null, replicas: 2,"
                        + " ports: [{name: a, protocol: TCP}]}"));
        var empty = yaml("{}");
        cron.applyDefaults(empty);
        assertThat(empty).isEqualTo(yaml("{}"));
    }

    @Test
    void answersATypeForServerSideApply() {
        SchemaType ports = cron.type().at("spec", "ports").orElseThrow();
        assertThat(ports.listType()).isEqualTo(ListType.MAP);
        assertThat(ports.listMapKeys()).containsExactly("name", "protocol");
        assertThat(ports.at("[]", "protocol").orElseThrow().keyDefault()).isPresent();
        assertThat(cron.type().at("metadata", "finalizers").orElseThrow().listType())
                .isEqualTo(ListType.SET);
    }

    record Case(String name, String spec, List<String> errors) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> values() {
        return Stream.of(
                new Case("all well", "{schedule: '1 2', replicas: 3, port: http, ratio: 1.5}", List.of()),
                new Case("an int that is a float", "{schedule: '1', replicas: 3.0}", List.of()),
                new Case("required", "{}", List.of("spec.schedule: Required value")),
                new Case(
                        "a text for an integer",
                        "{schedule: '1', replicas: x}",
                        List.of("spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type"
                                + " integer: \"string\"")),
                new Case(
                        "a null",
                        "{schedule: null}",
                        List.of("spec.schedule: Invalid value: \"null\": spec.schedule in body must be of type"
                                + " string: \"null\"")),
                new Case("a null that may be", "{schedule: '1', note: null}", List.of()),
                new Case(
                        "a pattern",
                        "{schedule: x}",
                        List.of("spec.schedule: Invalid value: \"x\": spec.schedule in body should match"
                                + " '^\\d+( \\d+)*$'")),
                new Case(
                        "a long text",
                        "{schedule: '1234567890'}",
                        List.of("spec.schedule: Too long: may not be more than 9 bytes")),
                new Case(
                        "a large number",
                        "{schedule: '1', replicas: 11}",
                        List.of("spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal"
                                + " to 10")),
                new Case(
                        "an excluded bound and an odd factor",
                        "{schedule: '1', ratio: 0}",
                        List.of("spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0")),
                new Case(
                        "a wrong multiple",
                        "{schedule: '1', ratio: 0.7}",
                        List.of("spec.ratio: Invalid value: 0.7: spec.ratio in body should be a multiple of 0.5")),
                new Case(
                        "an enum",
                        "{schedule: '1', mode: lazy}",
                        List.of("spec.mode: Unsupported value: \"lazy\": supported values: \"fast\", \"slow\"")),
                new Case(
                        "neither int nor string",
                        "{schedule: '1', port: true}",
                        List.of("spec.port: Invalid value: \"boolean\": spec.port in body must be of type"
                                + " integer,string: \"boolean\"")),
                new Case(
                        "a format",
                        "{schedule: '1', when: today}",
                        List.of("spec.when: Invalid value: \"today\": spec.when in body must be of type date-time:"
                                + " \"today\"")),
                new Case(
                        "values of a map",
                        "{schedule: '1', limits: {a: x, b: 1, c: 2}}",
                        List.of(
                                "spec.limits: Too many: 3: must have at most 2 items",
                                "spec.limits.a: Invalid value: \"string\": spec.limits.a in body must be of type"
                                        + " integer: \"string\"")),
                new Case(
                        "an element of a set twice",
                        "{schedule: '1', tags: [a, b, a]}",
                        List.of("spec.tags[2]: Duplicate value: \"a\"")),
                new Case(
                        "a key twice",
                        "{schedule: '1', ports: [{name: a, protocol: TCP}, {name: a, protocol: UDP},"
                                + " {name: a, protocol: TCP}]}",
                        List.of("spec.ports[2]: Duplicate value: {\"name\":\"a\",\"protocol\":\"TCP\"}")),
                new Case(
                        "none of the choices",
                        "{schedule: '1', choice: {}}",
                        List.of("<nil>: Invalid value: \"\": \"spec.choice\" must validate one and only one schema"
                                + " (oneOf). Found none valid")));
    }

    @ParameterizedTest
    @MethodSource
    void values(Case c) {
        assertThat(cron.validate(yaml("spec: " + c.spec())))
                .map(FieldError::toString)
                .isEqualTo(c.errors());
    }

    static Stream<Case> schemas() {
        return Stream.of(
                new Case("a good one", CRON, List.of()),
                new Case("no type at the root", "{}", List.of("s.type: Required value: must not be empty at the root")),
                new Case(
                        "no type of a field",
                        "{type: object, properties: {a: {}}}",
                        List.of("s.properties[a].type: Required value: must not be empty for specified object fields")),
                new Case(
                        "a list without items",
                        "{type: object, properties: {a: {type: array}}}",
                        List.of("s.properties[a].items: Required value: must be specified")),
                new Case(
                        "fields and additional fields",
                        "{type: object, properties: {a: {type: object, properties: {b: {type: string}},"
                                + " additionalProperties: true}}}",
                        List.of("s.properties[a].additionalProperties: Forbidden: additionalProperties and properties"
                                + " are mutual exclusive")),
                new Case(
                        "a type below a junctor",
                        "{type: object, properties: {a: {type: string, anyOf: [{type: string}]}}}",
                        List.of("s.properties[a].anyOf[0].type: Forbidden: must be empty to be structural")),
                new Case(
                        "a field that only a junctor knows",
                        "{type: object, anyOf: [{properties: {a: {minLength: 1}}}]}",
                        List.of("s.properties[a]: Required value: because it is defined in s.anyOf[0].properties[a]")),
                new Case(
                        "references",
                        "{type: object, properties: {a: {type: object, $ref: x}}}",
                        List.of("s.properties[a].$ref: Forbidden: $ref is not supported")),
                new Case(
                        "keys that are no fields",
                        "{type: object, properties: {a: {type: array, x-kubernetes-list-type: map,"
                                + " x-kubernetes-list-map-keys: [k], items: {type: object}}}}",
                        List.of(
                                "s.properties[a].x-kubernetes-list-map-keys: Invalid value: [\"k\"]: entries must all be"
                                        + " names of item properties")),
                new Case(
                        "more than names in metadata",
                        "{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}",
                        List.of("s.properties[metadata]: Forbidden: must not specify anything other than name and"
                                + " generateName, but metadata is implicitly specified")),
                new Case(
                        "a default of the wrong type",
                        "{type: object, properties: {a: {type: integer, default: x}}}",
                        List.of("s.properties[a].default: Invalid value: \"string\": s.properties[a].default in body"
                                + " must be of type integer: \"string\"")));
    }

    @ParameterizedTest
    @MethodSource
    void schemas(Case c) {
        assertThat(StructuralSchema.check("s", yaml(c.spec()), api))
                .map(FieldError::toString)
                .isEqualTo(c.errors());
    }

    @Test
    void matchesPatternsInLinearTime() {
        var slow =
                StructuralSchema.of(yaml("{type: object, properties: {a: {type: string, pattern: '^(a+)+$'}}}"), api);
        var object = yaml("{}");
        object.put("a", "a".repeat(50_000) + "!");
        assertThat(slow.validate(object)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "ipv4, 10.0.0.1, true",
        "ipv4, 256.0.0.1, false",
        "ipv6, '::1', true",
        "ipv6, 'fe80::1:2', true",
        "ipv6, '1::2::3', false",
        "ipv6, '::ffff:10.0.0.1', true",
        "ipv6, '1:2:3:4:5:6:7:8', true",
        "ipv6, '1:2:3', false",
        "cidr, 10.0.0.0/8, true",
        "cidr, 10.0.0.0/33, false",
        "date, 2024-02-30, false",
        "date-time, 2024-02-01T10:00:00Z, true",
        "uuid, 123e4567-e89b-12d3-a456-426614174000, true",
        "byte, 'a!', false",
        "duration, 5m30s, true",
        "duration, soon, false",
        "hostname, a.b-c, false",
        "hostname, a.b-c.de, true",
        "email, a@b.c, true",
        "email, a, false",
        "unheard-of, anything, true"
    })
    void checksFormats(String format, String text, boolean fits) {
        assertThat(Formats.fits(format, text)).isEqualTo(fits);
    }
}
