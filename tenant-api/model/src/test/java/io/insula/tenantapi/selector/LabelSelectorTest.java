package io.insula.tenantapi.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelSelectorTest {

    private static final Map<String, String> LABELS =
            Map.of("app", "web", "tier", "", "size", "12", "example.com/x", "y");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    ""                       | true
                    app=web                  | true
                    app==web                 | true
                    app=db                   | false
                    app!=web                 | false
                    app!=db                  | true
                    missing!=x               | true
                    app in (web,db)          | true
                    app in (db)              | false
                    app notin (web)          | false
                    missing notin (a, b)     | true
                    app                      | true
                    missing                  | false
                    !missing                 | true
                    !app                     | false
                    tier=                    | true
                    tier in (,x)             | true
                    app=,tier                | false
                    size>11                  | true
                    size<11                  | false
                    app>1                    | false
                    " app = web , ! missing" | true
                    app=web,tier=x           | false
                    example.com/x=y          | true
                    in=x                     | false
                    notin in (in)            | false
                    """)
    void selectsByLabels(String text, boolean want) {
        assertThat(LabelSelector.parse(text == null ? "" : text).matches(LABELS))
                .isEqualTo(want);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    =a        | found '=', expected: !, identifier, or 'end of string'
                    a=b,      | found '', expected: identifier after ','
                    a=b c     | found 'c', expected: ',' or 'end of string'
                    a b       | unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt
                    a in b    | unable to parse requirement: found 'b' expected: '('
                    a in (b   | unable to parse requirement: found '', expected: ',' or ')'
                    a in (b=c | unable to parse requirement: found '=', expected: ',' or ')'
                    a in (=   | unable to parse requirement: found '=', expected: ',', or identifier
                    a==!      | unable to parse requirement: found '!', expected: identifier
                    !         | unable to parse requirement: found '', expected: identifier
                    a>x       | unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer
                    a in ()   | unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty
                    """)
    void refusesWithUpstreamsWording(String text, String message) {
        assertThatThrownBy(() -> LabelSelector.parse(text))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(400))
                .hasMessage(message);
    }

    @Test
    void refusesBadKeysAndValues() {
        assertThatThrownBy(() -> LabelSelector.parse("-a=b"))
                .hasMessageStartingWith(
                        "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist");
        assertThatThrownBy(() -> LabelSelector.parse("a=b/c"))
                .hasMessageStartingWith(
                        "unable to parse requirement: values[0][a]: Invalid value: \"b/c\": a valid label");
        assertThatThrownBy(() -> LabelSelector.parse("a=" + "x".repeat(64)))
                .hasMessageEndingWith("must be no more than 63 bytes");
        assertThatThrownBy(() -> LabelSelector.parse("A_B/c"))
                .hasMessageContaining("prefix part a lowercase RFC 1123 subdomain");
    }

    @Test
    void readsSelectorObjects() {
        var selector = LabelSelector.of(json("""
                        {"matchLabels": {"app": "web"}, "matchExpressions": [
                          {"key": "size", "operator": "In", "values": ["12", "13"]},
                          {"key": "missing", "operator": "DoesNotExist"}]}"""));

        assertThat(selector.matches(LABELS)).isTrue();
        assertThat(selector.matches(Map.of("app", "web"))).isFalse();
        assertThat(selector).hasToString("app=web,!missing,size in (12,13)");
    }

    @Test
    void missingObjectSelectsNothingAndEmptyOneEverything() {
        assertThat(LabelSelector.of(MissingNode.getInstance()).matches(LABELS)).isFalse();
        assertThat(LabelSelector.of(json("{}")).matches(LABELS)).isTrue();
        assertThat(LabelSelector.of(json("{}")).isEverything()).isTrue();
        assertThat(LabelSelector.nothing().isEverything()).isFalse();
    }

    @Test
    void validatesSelectorObjects() {
        var errors = LabelSelector.validate("spec.selector", json("""
                        {"matchLabels": {"app": "a b"}, "matchExpressions": [
                          {"key": "a", "operator": "In"},
                          {"key": "a", "operator": "Exists", "values": ["x"]},
                          {"key": "", "operator": "Near", "values": []}]}"""));

        assertThat(errors)
                .extracting(FieldError::field)
                .containsExactly(
                        "spec.selector.matchLabels",
                        "spec.selector.matchExpressions[0].values",
                        "spec.selector.matchExpressions[1].values",
                        "spec.selector.matchExpressions[2].operator",
                        "spec.selector.matchExpressions[2].key",
                        "spec.selector.matchExpressions[2].key");
        assertThatThrownBy(() ->
                        LabelSelector.of(json("{\"matchExpressions\": [{\"key\": \"a\", \"operator\": \"Near\"}]}")))
                .hasMessage("\"Near\" is not a valid label selector operator");
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
