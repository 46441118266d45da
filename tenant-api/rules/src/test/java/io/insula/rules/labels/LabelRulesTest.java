package io.insula.rules.labels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LabelRulesTest {

    /// The values are written with `|` between them, a missing label as an empty cell.
    @ParameterizedTest
    @CsvSource({
        "In,           a|b, a,   true",
        "In,           a|b, c,   false",
        "In,           a|b,  ,   false",
        "NotIn,        a|b, a,   false",
        "NotIn,        a|b, c,   true",
        "NotIn,        a|b,  ,   true",
        "Exists,       '',  a,   true",
        "Exists,       '',   ,   false",
        "DoesNotExist, '',  a,   false",
        "DoesNotExist, '',   ,   true",
        "Gt,           9,   10,  true",
        "Gt,           10,  10,  false",
        "Gt,           9|8, 10,  false",
        "Gt,           9,   x,   false",
        "Gt,           x,   10,  false",
        "Gt,           9,    ,   false",
        "Lt,           9,   8,   true",
        "Lt,           9,   10,  false",
        "Lt,           9,   9,   false",
        "in,           a,   a,   false",
        "'',           a,   a,   false",
        ",             a,   a,   false"
    })
    void decidesByOperator(String operator, String values, String value, boolean wanted) {
        assertThat(LabelRules.matches(operator, List.of(values.split("\\|", -1)), value))
                .isEqualTo(wanted);
    }

    @Test
    void asksForAllLabels() {
        var labels = Map.of("a", "1", "b", "2");

        assertThat(LabelRules.hasAll(labels, null)).isTrue();
        assertThat(LabelRules.hasAll(labels, Map.of())).isTrue();
        assertThat(LabelRules.hasAll(labels, Map.of("a", "1", "b", "2"))).isTrue();
        assertThat(LabelRules.hasAll(labels, Map.of("a", "1", "b", "3"))).isFalse();
        assertThat(LabelRules.hasAll(labels, Map.of("c", "1"))).isFalse();
    }
}
