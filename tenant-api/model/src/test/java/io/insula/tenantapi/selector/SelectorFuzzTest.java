package io.insula.tenantapi.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.fuzz.Fuzz;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Texts that are nearly selectors: each is refused with a 400 or gives a selector whose own text means the same.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SelectorFuzzTest {

    private static final int CASES = 5000;
    private static final long MOST_BYTES = 32 << 20;

    private static final List<String> LABELS = List.of(
            "a=b,c!=d,e==f",
            "a in (b,c,),d notin (e)",
            "x.example.com/a, !b ,c>3,d<4",
            "a in (),b=",
            "in in (in,notin),notin notin (gt)");
    private static final List<String> LABEL_TOKENS = List.of(
            "(",
            ")",
            ",",
            "!",
            "=",
            "==",
            "!=",
            ">",
            "<",
            " ",
            " in ",
            " notin ",
            " gt ",
            "in",
            "a",
            "/",
            "-",
            ".",
            "\u00e9",
            "\0",
            "\n",
            "a".repeat(300),
            "9".repeat(40),
            "(".repeat(3000),
            ",".repeat(3000),
            "!".repeat(3000));

    private static final List<String> FIELDS =
            List.of("metadata.name=a,metadata.namespace!=b", "spec.x==a\\,b\\=c\\\\", "a=,b!=");
    private static final List<String> FIELD_TOKENS = List.of(
            "=",
            "==",
            "!=",
            "!",
            ",",
            "\\",
            "\\,",
            "\\=",
            "\\\\",
            ".",
            "a",
            "\0",
            "\u00e9",
            ",".repeat(3000),
            "\\".repeat(3001));

    @Test
    void refusesLabelSelectorsOrGivesThemBack() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String text = Fuzz.mutated(random, Fuzz.any(random, LABELS), LABEL_TOKENS);
            tried(text, LabelSelector::parse);
        });
    }

    @Test
    void refusesFieldSelectorsOrGivesThemBack() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String text = Fuzz.mutated(random, Fuzz.any(random, FIELDS), FIELD_TOKENS);
            tried(text, part -> {
                FieldSelector selector = FieldSelector.parse(part);
                assertThat(selector.matches(Map.of("metadata.name", "a"))).isIn(true, false);
                return selector.terms().stream().map(Object::toString).collect(Collectors.joining(","));
            });
        });
    }

    private static void tried(String text, Function<String, Object> parser) {
        Object parsed;
        try {
            parsed = parser.apply(text);
        } catch (ApiException e) {
            assertThat(e.code()).isEqualTo(400);
            return;
        }
        // a set of the empty value alone is written as no set at all, upstream as here
        if (!parsed.toString().contains("()")) {
            assertThat(parser.apply(parsed.toString())).as(text).isEqualTo(parsed);
        }
    }
}
