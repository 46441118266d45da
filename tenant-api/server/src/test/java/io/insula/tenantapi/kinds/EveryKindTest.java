package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.ObservedKind;
import io.insula.tenantapi.registry.ReadableKind;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.wire.WireCodec;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What must hold for each kind, whatever it is.
final class EveryKindTest {

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    @TestFactory
    Stream<DynamicTest> defaultsAreIdempotent() {
        return AllKinds.of(StoredKind.class).stream()
                .map(kind -> DynamicTest.dynamicTest(title(kind), () -> {
                    ObjectNode once = bare(kind);
                    kind.applyDefaults(once);
                    ObjectNode twice = once.deepCopy();
                    kind.applyDefaults(twice);
                    assertThat(twice).isEqualTo(once);
                }));
    }

    @TestFactory
    Stream<DynamicTest> columnsShowABareObject() {
        return AllKinds.of(ReadableKind.class).stream()
                .map(kind -> DynamicTest.dynamicTest(title(kind), () -> {
                    assertThat(kind.columns()).isNotEmpty();
                    assertThat(kind.columns())
                            .allSatisfy(column -> assertThat(column.cell().apply(bare(kind), NOW))
                                    .isInstanceOfAny(String.class, Long.class, Integer.class, Boolean.class));
                }));
    }

    @TestFactory
    Stream<DynamicTest> selectableFieldsAreThoseDeclared() {
        return AllKinds.of(ReadableKind.class).stream()
                .map(kind -> DynamicTest.dynamicTest(
                        title(kind),
                        () -> assertThat(kind.selectableFields(bare(kind)).keySet())
                                .containsExactlyInAnyOrderElementsOf(kind.selectableFieldNames())));
    }

    /// Discovery says what the engine can do with a kind of its role.
    @TestFactory
    Stream<DynamicTest> verbsAreThoseOfTheRole() {
        return AllKinds.load().stream()
                .map(kind -> DynamicTest.dynamicTest(title(kind), () -> {
                    Set<String> verbs = kind.spec().verbs();
                    switch (kind) {
                        case StoredKind _ ->
                            assertThat(verbs).contains("create", "get", "list", "watch", "update", "delete");
                        case ObservedKind _ -> assertThat(verbs).containsExactlyInAnyOrder("get", "list");
                        case ReviewKind _ -> assertThat(verbs).containsExactly("create");
                    }
                }));
    }

    /// As clients in Go may send all that upstream has.
    @TestFactory
    Stream<DynamicTest> whatClientsSendIsKnownInProtobuf() {
        var codec = new WireCodec();
        return Stream.concat(AllKinds.of(StoredKind.class).stream(), AllKinds.of(ReviewKind.class).stream())
                .filter(kind -> !kind.spec().kind().group().contains("example"))
                .map(kind -> DynamicTest.dynamicTest(
                        title(kind),
                        () -> assertThat(codec.speaksProtobuf(
                                        kind.spec().kind().apiVersion(),
                                        kind.spec().kind().kind()))
                                .isTrue()));
    }

    private static String title(ResourceKind kind) {
        return kind.spec().kind().toString();
    }

    private static ObjectNode bare(ResourceKind kind) {
        ObjectNode object = Json.object()
                .put("apiVersion", kind.spec().kind().apiVersion())
                .put("kind", kind.spec().kind().kind());
        Meta.of(object).put("name", "a").put("creationTimestamp", "2026-01-01T00:00:00Z");
        return object;
    }
}
