package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Answers that are put together from what is stored say the same as those made from trees.
final class TextListsTest {

    private static final String KEY = "/registry/configmaps/default/";

    private final Rig rig = new Rig();
    private final Target all = Target.collection(rig.kind("", "configmaps"), "default");

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void sayWhatTreesSay() {
        rig.create("", "configmaps", "default", "{metadata: {name: a, annotations: {x: 'ä\"'}}, data: {k: v}}");
        rig.create("", "configmaps", "default", "{metadata: {name: b}}");
        rig.create("", "configmaps", "other", "{metadata: {name: c}}");

        for (int i = 0; i < 10; i++) {
            assertThat(text(all)).isEqualTo(tree(all));
        }
        var everywhere = Target.collection(all.kind(), "");
        assertThat(text(everywhere)).isEqualTo(tree(everywhere));
        assertThat(text(everywhere).path("items")).hasSize(3);
    }

    @Test
    void showEveryChangeOfAnyWriter() {
        ObjectNode a = rig.create("", "configmaps", "default", "{metadata: {name: a}, data: {n: '0'}}");
        Target one = rig.at("", "configmaps", "default", "a");
        for (int i = 1; i < 30; i++) {
            a = rig.patch(one, PatchRequest.Type.MERGE, "{data: {n: '" + i + "'}}");
            assertThat(text(all)).isEqualTo(tree(all));
            assertThat(text(all).path("items").get(0).path("data").path("n").asText())
                    .isEqualTo(Integer.toString(i));
            rig.below.create(KEY + "from-elsewhere-" + i, bytes("{\"metadata\":{\"name\":\"e\"}}"), Duration.ZERO);
            assertThat(text(all).path("items")).hasSize(i + 1);
            assertThat(text(all)).isEqualTo(tree(all));
        }
        assertThat(Json.parse(rig.store.text(one))).isEqualTo(a);
    }

    @Test
    void theirRevisionGoesOnWithTheStoreWhileTheyStay() {
        rig.create("", "configmaps", "default", "{metadata: {name: a}}");
        for (int i = 0; i < 10; i++) {
            rig.create("", "configmaps", "default", "{metadata: {name: a" + i + "}}");
            text(all);
        }
        for (int i = 0; i < 5; i++) {
            rig.below.create("/registry/secrets/default/s" + i, bytes("{}"), Duration.ZERO);

            assertThat(text(all).path("metadata").path("resourceVersion").asText())
                    .isEqualTo(Long.toString(rig.below.currentRevision()));
        }
    }

    @Test
    void packTheSame() throws IOException {
        String large = "x".repeat(100_000);
        for (String name : List.of("a", "b", "c")) {
            rig.create("", "configmaps", "default", "{metadata: {name: " + name + "}, data: {k: '" + large + "'}}");
        }
        for (int i = 0; i < 6; i++) {
            byte[] packed =
                    rig.store.listText(all, ListOptions.ALL, true).orElseThrow().packed();

            try (var in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
                assertThat(Json.parse(in.readAllBytes())).isEqualTo(tree(all));
            }
            // who does not take it gets the same unpacked
            assertThat(text(all)).isEqualTo(tree(all));
        }
        assertThat(rig.store.listText(all, ListOptions.ALL, true).orElseThrow().packed())
                .hasSizeLessThan(10_000);
    }

    @Test
    void readWhatWasStoredInAnotherOrder() {
        String stored = "{\"apiVersion\":\"v1\",\"data\":{\"k\":\"v\"},\"kind\":\"ConfigMap\",\"metadata\":"
                + "{\"name\":\"old\",\"namespace\":\"default\"}}";
        long revision = rig.below.create(KEY + "old", bytes(stored), Duration.ZERO);
        long empty = rig.below.create(
                KEY + "empty", bytes("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{}}"), Duration.ZERO);

        ObjectNode old = Json.parse(rig.store.text(rig.at("", "configmaps", "default", "old")));
        ObjectNode bare = Json.parse(rig.store.text(rig.at("", "configmaps", "default", "empty")));

        assertThat(Meta.resourceVersion(old)).isEqualTo(Long.toString(revision));
        assertThat(old.path("data").path("k").asText()).isEqualTo("v");
        assertThat(Meta.resourceVersion(bare)).isEqualTo(Long.toString(empty));
        assertThat(text(all)).isEqualTo(tree(all));
    }

    @Test
    void leavePartsAndThePastToTrees() {
        rig.create("", "configmaps", "default", "{metadata: {name: a, labels: {on: 'yes'}}}");

        assertThat(rig.store.listText(all, ListOptions.selecting("on=yes", ""), false))
                .isEmpty();
        assertThat(rig.store.listText(all, ListOptions.selecting("", "metadata.name=a"), false))
                .isEmpty();
        assertThat(rig.store.listText(all, ListOptions.ALL.at("1"), false)).isEmpty();
        assertThat(rig.store.listText(all, ListOptions.ALL.at("0"), false)).isPresent();
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.store.text(rig.at("", "configmaps", "default", "none")))
                .withMessageContaining("configmaps \"none\" not found");
    }

    private ObjectNode text(Target target) {
        return Json.parse(
                rig.store.listText(target, ListOptions.ALL, false).orElseThrow().body());
    }

    private ObjectNode tree(Target target) {
        ObjectPage page = rig.store.list(target, ListOptions.ALL);
        ObjectNode list = Json.object().put("kind", "ConfigMapList").put("apiVersion", "v1");
        list.putObject("metadata").put("resourceVersion", page.resourceVersion());
        var items = list.putArray("items");
        page.items().forEach(item -> {
            item.remove(List.of("kind", "apiVersion"));
            items.add(item);
        });
        return list;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
