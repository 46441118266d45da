package io.insula.tenantapi.patch;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.insula.tenantapi.patch.PatchException.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonPatchTest {

    record Case(String name, String document, String patch, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> applies() {
        return Stream.of(
                new Case("add a field", "{a: 1}", "[{op: add, path: /b, value: 2}]", "{a: 1, b: 2}"),
                new Case("add over a field", "{a: 1}", "[{op: add, path: /a, value: 2}]", "{a: 2}"),
                new Case("add an element", "{a: [1, 3]}", "[{op: add, path: /a/1, value: 2}]", "{a: [1, 2, 3]}"),
                new Case("append", "{a: [1]}", "[{op: add, path: /a/-, value: 2}]", "{a: [1, 2]}"),
                new Case(
                        "escapes", "{a/b: {c~d: 1}}", "[{op: replace, path: /a~1b/c~0d, value: 2}]", "{a/b: {c~d: 2}}"),
                new Case("remove an element", "{a: [1, 2]}", "[{op: remove, path: /a/0}]", "{a: [2]}"),
                new Case("count from the end", "{a: [1, 2]}", "[{op: remove, path: /a/-1}]", "{a: [1]}"),
                new Case("move", "{a: {b: 1}}", "[{op: move, from: /a/b, path: /c}]", "{a: {}, c: 1}"),
                new Case("copy", "{a: [1]}", "[{op: copy, from: /a, path: /b}]", "{a: [1], b: [1]}"),
                new Case("test a value", "{a: {b: [1]}}", "[{op: test, path: /a, value: {b: [1]}}]", "{a: {b: [1]}}"),
                new Case("test for absence", "{}", "[{op: test, path: /a, value: null}]", "{}"),
                new Case(
                        "later operations see earlier ones",
                        "{}",
                        "[{op: add, path: /a, value: {}}, {op: add, path: /a/b, value: 1}]",
                        "{a: {b: 1}}"));
    }

    @ParameterizedTest
    @MethodSource
    void applies(Case c) {
        var document = yaml(c.document());
        assertThat(JsonPatch.apply(document, patch(c.patch()))).isEqualTo(yaml(c.want()));
        assertThat(document).isEqualTo(yaml(c.document()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{op: test, path: /a, value: 2}",
                "{op: test, path: /b, value: 2}",
                "{op: remove, path: /b}",
                "{op: replace, path: /b, value: 1}",
                "{op: add, path: /b/c, value: 1}",
                "{op: add, path: /l/3, value: 1}",
                "{op: remove, path: /l/x}",
                "{op: add, path: '', value: {}}",
                "{op: add, value: 1}",
                "{op: move, from: /b, path: /c}",
                "{op: destroy, path: /a}"
            })
    void refusesWhatDoesNotFit(String operation) {
        assertThatThrownBy(() -> JsonPatch.apply(yaml("{a: 1, l: [1]}"), patch("[" + operation + "]")))
                .isInstanceOfSatisfying(PatchException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.NOT_APPLICABLE);
                    assertThat(e.toApi().code()).isEqualTo(422);
                    assertThat(e.toApi()).hasMessage("the server rejected our request due to an error in our request");
                });
    }

    @Test
    void refusesMoreThanTenThousandOperations() {
        ArrayNode many = JsonNodeFactory.instance.arrayNode();
        var operation = yaml("{op: add, path: /a, value: 1}");
        for (int i = 0; i < JsonPatch.MAX_OPERATIONS; i++) {
            many.add(operation);
        }
        assertThat(JsonPatch.apply(yaml("{}"), many)).isEqualTo(yaml("{a: 1}"));
        many.add(operation);
        assertThatThrownBy(() -> JsonPatch.apply(yaml("{}"), many))
                .hasMessage("The allowed maximum operations in a JSON patch is 10000, got 10001")
                .isInstanceOfSatisfying(
                        PatchException.class, e -> assertThat(e.toApi().code()).isEqualTo(413));
    }

    @Test
    void refusesCopiesThatGrowWithoutBound() {
        var document = yaml("{a: []}");
        document.withArray("a").add("x".repeat(1000));
        ArrayNode doubling = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < 40; i++) {
            doubling.add(yaml("{op: copy, from: /a, path: /a/-}"));
        }
        assertThatThrownBy(() -> JsonPatch.apply(document, doubling)).hasMessageStartingWith("copied bytes");
    }

    static Stream<Case> mergePatches() {
        return Stream.of(
                new Case("sets and deletes", "{a: 1, b: {c: 1, d: 2}}", "{a: null, b: {c: 3}}", "{b: {c: 3, d: 2}}"),
                new Case("replaces lists", "{a: [1, 2]}", "{a: [3]}", "{a: [3]}"),
                new Case("objects over scalars", "{a: 1}", "{a: {b: 1, c: null}}", "{a: {b: 1}}"),
                new Case("scalars over objects", "{a: {b: 1}}", "{a: 1}", "{a: 1}"),
                new Case("nulls below new objects", "{}", "{a: {b: {c: null}}}", "{a: {b: {}}}"));
    }

    @ParameterizedTest
    @MethodSource
    void mergePatches(Case c) {
        var document = yaml(c.document());
        assertThat(MergePatch.apply(document, yaml(c.patch()))).isEqualTo(yaml(c.want()));
        assertThat(document).isEqualTo(yaml(c.document()));
    }

    private static ArrayNode patch(String text) {
        return (ArrayNode) yaml("p: " + text).get("p");
    }
}
