package io.insula.tenantapi.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.ApiException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldSelectorTest {

    private static final Map<String, String> FIELDS = Map.of("metadata.name", "a", "reason", "x,y=z\\", "flag", "true");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    ""                         | true
                    metadata.name=a            | true
                    metadata.name==a           | true
                    metadata.name!=a           | false
                    metadata.name=a,flag!=true | false
                    metadata.name=a,,flag=true | true
                    missing=                   | true
                    missing!=                  | false
                    reason=x\\,y\\=z\\\\       | true
                    """)
    void selectsByFields(String text, boolean want) {
        assertThat(FieldSelector.parse(text).matches(FIELDS)).isEqualTo(want);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a      | invalid selector: 'a'; can't understand 'a'
                    a=b=c  | invalid field selector: unescaped character in value: 61
                    a=b\\x | invalid field selector: invalid escape sequence: \\x
                    a=b\\  | invalid field selector: invalid escape sequence: \\
                    """)
    void refusesWithUpstreamsWording(String text, String message) {
        assertThatThrownBy(() -> FieldSelector.parse(text))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(400))
                .hasMessage(message);
    }

    @Test
    void tellsTheRequiredName() {
        assertThat(FieldSelector.parse("metadata.name=a").required("metadata.name"))
                .contains("a");
        assertThat(FieldSelector.parse("metadata.name!=a").required("metadata.name"))
                .isEmpty();
        assertThat(FieldSelector.name("a,b")).hasToString("metadata.name=a\\,b");
    }

    @Test
    void refusesFieldsThatTheKindDoesNotKnow() {
        var selector = FieldSelector.parse("metadata.namespace=a,spec.nodeName=n");

        selector.requireSupported(Set.of("spec.nodeName"));
        assertThatThrownBy(() -> selector.requireSupported(Set.of("status.phase")))
                .hasMessage("field label not supported: spec.nodeName");
        assertThatThrownBy(() -> selector.requireSupported(Set.of()))
                .hasMessage(
                        "\"spec.nodeName\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }
}
