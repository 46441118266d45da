package io.insula.tenantapi.cel;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rules of custom resources. Source of the cases: Kubernetes documentation, "Validation rules", and
/// kubernetes/apiextensions-apiserver, `apiserver/schema/cel`.
final class SchemaRulesTest {

    private static final String SCHEMA = """
            type: object
            x-kubernetes-validations:
            - {rule: "!has(self.spec.name) || self.spec.name == self.metadata.name", message: name must match}
            properties:
              spec:
                type: object
                x-kubernetes-validations:
                - rule: self.minReplicas <= self.replicas
                  messageExpression: "'replicas %d is below %d'.format([self.replicas, self.minReplicas])"
                  reason: FieldValueForbidden
                  fieldPath: .replicas
                properties:
                  name: {type: string, maxLength: 20}
                  minReplicas: {type: integer}
                  replicas: {type: integer}
                  foo-bar: {type: string, maxLength: 10, x-kubernetes-validations: [{rule: "self.startsWith('a')"}]}
                  namespace: {type: string, maxLength: 5}
                  port:
                    x-kubernetes-int-or-string: true
                  until: {type: string, format: date-time}
                  tags:
                    type: array
                    maxItems: 5
                    x-kubernetes-list-type: set
                    items: {type: string, maxLength: 5}
                  ports:
                    type: array
                    maxItems: 5
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [name]
                    items:
                      type: object
                      required: [name]
                      x-kubernetes-validations:
                      - {rule: self.number == oldSelf.number, message: number is immutable}
                      properties:
                        name: {type: string, maxLength: 5}
                        number: {type: integer}
                  state:
                    type: string
                    maxLength: 5
                    x-kubernetes-validations:
                    - {rule: "oldSelf.orValue('') != 'done' || self == 'done'", optionalOldSelf: true, message: done is final}
            """;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void namesFieldReasonAndComputedMessage() {
        assertThat(texts(null, "{metadata: {name: a}, spec: {minReplicas: 3, replicas: 1}}"))
                .containsExactly("spec.replicas: Forbidden: replicas 1 is below 3");
    }

    @Test
    void seesMetadataAndEscapedFields() {
        assertThat(texts(null, "{metadata: {name: a}, spec: {minReplicas: 0, replicas: 1, name: b, foo-bar: xyz}}"))
                .containsExactly(
                        "<nil>: Invalid value: \"object\": name must match",
                        "spec.foo-bar: Invalid value: \"string\": failed rule: self.startsWith('a')");
    }

    @Test
    void comparesElementsOfAMapListWithTheirOldOnes() {
        String old = "{metadata: {name: a}, spec: {minReplicas: 0, replicas: 1, ports: [{name: x, number: 1}]}}";

        assertThat(texts(
                        old,
                        "{metadata: {name: a}, spec: {minReplicas: 0, replicas: 1,"
                                + " ports: [{name: y, number: 9}, {name: x, number: 2}]}}"))
                .containsExactly("spec.ports[1]: Invalid value: \"object\": number is immutable");
        assertThat(texts(old, old)).isEmpty();
    }

    @Test
    void asksOptionalOldSelfAlsoWithoutOldValue() {
        String done = "{metadata: {name: a}, spec: {minReplicas: 0, replicas: 1, state: done}}";

        assertThat(texts(null, done)).isEmpty();
        assertThat(texts(done, done.replace("done", "new")))
                .containsExactly("spec.state: Invalid value: \"string\": done is final");
    }

    @Test
    void toleratesWhatWasWrongAndHasNotChanged() {
        String wrong = "{metadata: {name: a}, spec: {minReplicas: 0, replicas: 1, foo-bar: xyz}}";

        assertThat(texts(wrong, wrong.replace("replicas: 1", "replicas: 2"))).isEmpty();
        assertThat(warnings)
                .containsExactly("spec.foo-bar: Invalid value: \"string\": failed rule: self.startsWith('a')");
        assertThat(texts(wrong, wrong.replace("xyz", "zyx"))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "self.__namespace__ == 'x'",
                "self.foo__dash__bar == 'a'",
                "type(self.port) == int ? self.port == 80 : self.port == '80'",
                "self.until > timestamp('2020-01-01T00:00:00Z')",
                "self.tags == ['b', 'a']",
                "self.tags + ['a', 'c'] == ['c', 'b', 'a']",
                "self.ports.exists(p, p.name == 'y' && p.number == 2)",
                "has(self.name) == false",
            })
    void knowsKubernetesTypes(String rule) {
        ObjectNode schema = yaml(SCHEMA);
        ObjectNode spec = (ObjectNode) schema.path("properties").path("spec");
        spec.remove("x-kubernetes-validations");
        spec.putArray("x-kubernetes-validations").addObject().put("rule", rule);
        ObjectNode object = yaml("""
                metadata: {name: a}
                spec: {namespace: x, foo-bar: a, port: 80, until: "2024-01-01T00:00:00Z", tags: [a, b],
                       ports: [{name: x, number: 1}, {name: y, number: 2}]}
                """);

        assertThat(SchemaRules.check("s", schema)).isEmpty();
        assertThat(SchemaRules.of(schema).orElseThrow().validate(object, null, warnings))
                .isEmpty();
    }

    /// What a rule on the property `p` of type object, with `list` and `text` without bounds, is refused for.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{rule: self.x == 1} | rule: Invalid value: | undefined field 'x'",
                "{rule: '1'} | rule: Invalid value: | cel expression must evaluate to a bool",
                "{rule: ''} | rule: Required value: | rule is not specified",
                "{rule: 'true', messageExpression: '1'} | messageExpression: Invalid value: | messageExpression must evaluate to a string",
                "{rule: 'true', reason: Odd} | reason: Unsupported value: \"Odd\": | supported values: \"FieldValueDuplicate\", \"FieldValueForbidden\"",
                "{rule: 'true', fieldPath: .nope} | fieldPath: Invalid value: \".nope\": | must be a valid path",
                "{rule: 'true', optionalOldSelf: true} | optionalOldSelf: Invalid value: true: | may not be set if oldSelf is not used in rule",
                "{rule: 'self.list.all(x, self.list.all(y, x == y))'} | rule: Forbidden: | estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule",
                "{rule: 'self.list.all(x, x.matches(self.text))'} | rule: Forbidden: | estimated rule cost exceeds budget by factor of",
            })
    void refusesRulesAtCreation(String rule, String where, String why) {
        ObjectNode schema = yaml("""
                type: object
                properties:
                  p:
                    type: object
                    properties:
                      list: {type: array, items: {type: string}}
                      text: {type: string}
                """);
        ((ObjectNode) schema.path("properties").path("p"))
                .putArray("x-kubernetes-validations")
                .add(yaml(rule));

        List<FieldError> errors = SchemaRules.check("s", schema);

        assertThat(errors).isNotEmpty();
        assertThat(errors.getFirst().toString())
                .startsWith("s.properties[p].x-kubernetes-validations[0]." + where)
                .contains(why);
    }

    /// Sizes are not lost where a list is computed.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "!(has(self.parts) ? self.parts : []).exists(p, p.contains('/'))",
                "!(has(self.parts) ? self.parts : ['x']).exists(p, p.contains('/'))",
                "!(true ? (has(self.parts) ? self.parts : []) : []).exists(p, p.contains('/'))",
                "!dyn(self.parts).exists(p, p.contains('/'))",
                "!(self.parts + self.parts).exists(p, p.contains('/'))",
                "!self.parts.map(p, p).exists(p, p.contains('/'))",
                "!self.parts.filter(p, p != '').exists(p, p.contains('/'))",
                "self.parts.all(p, self.parts.exists(q, q == p))",
            })
    void acceptsCheapRulesOverBoundedLists(String rule) {
        ObjectNode schema = yaml("""
                type: object
                properties:
                  parts: {type: array, maxItems: 8, items: {type: string, maxLength: 16}}
                """);
        schema.putArray("x-kubernetes-validations").addObject().put("rule", rule);

        assertThat(SchemaRules.check("s", schema)).isEmpty();
    }

    @Test
    void refusesOldSelfBelowAListWithoutKeys() {
        ObjectNode schema = yaml("""
                type: object
                properties:
                  list:
                    type: array
                    maxItems: 3
                    items: {type: string, maxLength: 5, x-kubernetes-validations: [{rule: self == oldSelf}]}
                """);

        assertThat(SchemaRules.check("s", schema).getFirst().toString())
                .endsWith("oldSelf cannot be used on the uncorrelatable portion of the schema within"
                        + " s.properties[list]");
    }

    @Test
    void tellsOfRulesThatFailToEvaluate() {
        ObjectNode schema = yaml("""
                type: object
                properties:
                  p: {x-kubernetes-int-or-string: true, x-kubernetes-validations: [{rule: self > 5}]}
                  q: {type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: self.a > 5}]}
                """);
        var errors = SchemaRules.of(schema).orElseThrow().validate(yaml("{p: text, q: {}}"), null, warnings);

        assertThat(errors.stream().map(FieldError::toString))
                .containsExactly(
                        "p: Invalid value: \"\": 'no such overload': call arguments did not match a supported operator,"
                                + " function or macro signature for rule: self > 5",
                        "q: Invalid value: \"object\": no such key: a evaluating rule: self.a > 5");
    }

    @Test
    void acceptsTheDocumentationsExample() {
        assertThat(SchemaRules.check("s", yaml(SCHEMA))).isEmpty();
    }

    private List<String> texts(@Nullable String old, String object) {
        return SchemaRules.of(yaml(SCHEMA))
                .orElseThrow()
                .validate(yaml(object), old == null ? null : yaml(old), warnings)
                .stream()
                .map(FieldError::toString)
                .toList();
    }
}
