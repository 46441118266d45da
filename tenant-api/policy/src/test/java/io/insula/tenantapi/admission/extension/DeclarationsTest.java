package io.insula.tenantapi.admission.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.ArrayDeque;
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
    void answersNothingOnceClosed() {
        names.close();

        assertThat(names.all()).isEmpty();
        assertThat(names.isRunning()).isFalse();
    }
}
