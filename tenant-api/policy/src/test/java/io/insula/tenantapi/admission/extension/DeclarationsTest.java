package io.insula.tenantapi.admission.extension;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class DeclarationsTest {

    private static final GroupVersionResource CONFIG_MAPS = new GroupVersionResource("", "v1", "configmaps");

    private final FakeObjectClient store = new FakeObjectClient();
    private final Queue<Runnable> later = new ArrayDeque<>();
    private final Declarations<String> names = new Declarations<>(CONFIG_MAPS, () -> store, Meta::name, later::add);

    @Test
    void readsNothingBeforeTheFirstQuestionAndLetsGoWhenNobodyAsks() {
        assertThat(names.isRunning()).isFalse();
        store.create(
                CONFIG_MAPS, "ns", Json.object().set("metadata", Json.object().put("name", "a")));

        assertThat(names.all()).containsExactly("a");
        later.remove().run();
        assertThat(names.isRunning()).as("asked within the time").isTrue();
        later.remove().run();
        assertThat(names.isRunning()).as("not asked since").isFalse();
        assertThat(names.all()).containsExactly("a");
    }

    @Test
    void compilesAnewWhatIsDeclaredAnewOnly() {
        var compiled = new ArrayList<String>();
        var declarations = new Declarations<>(
                CONFIG_MAPS,
                () -> store,
                object -> {
                    compiled.add(Meta.uid(object) + Meta.generation(object));
                    return object;
                },
                later::add);
        assertThat(declarations.all()).isEmpty();

        declarations.written(declared("u", 1, 10), false);
        declarations.written(declared("u", 1, 11), false);
        assertThat(compiled).as("another status").containsExactly("u1");
        declarations.written(declared("u", 2, 12), false);
        declarations.written(declared("v", 2, 13), false);
        assertThat(compiled).containsExactly("u1", "u2", "v2");
        declarations.written(declared("v", 2, 14), true);
        assertThat(declarations.all()).isEmpty();
        declarations.written(declared("v", 2, 13), false);
        assertThat(declarations.all()).as("what had gone by then").isEmpty();
    }

    private static ObjectNode declared(String uid, long generation, long revision) {
        var object = Json.object();
        object.putObject("metadata")
                .put("name", "a")
                .put("uid", uid)
                .put("generation", generation)
                .put("resourceVersion", Long.toString(revision));
        return object;
    }

    @Test
    void answersNothingOnceClosed() {
        names.close();

        assertThat(names.all()).isEmpty();
        assertThat(names.isRunning()).isFalse();
    }
}
