package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.GroupVersionResource;
import java.util.List;
import org.junit.jupiter.api.Test;

class KindRegistryTest {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");

    @Test
    void knowsWhichResourcesHaveOneStorage() {
        var first = gadgets("v1");
        var second = gadgets("v2");
        var registry = new KindRegistry(TestKinds.all());

        assertThat(registry.sharingStorage(first.spec().gvr())).as("not served").isEmpty();

        registry.setCustom("gadgets.example.com", List.of(first, second));

        assertThat(registry.sharingStorage(first.spec().gvr()))
                .containsExactly(second.spec().gvr());
        assertThat(registry.sharingStorage(second.spec().gvr()))
                .containsExactly(first.spec().gvr());
        assertThat(registry.sharingStorage(PODS)).isEmpty();

        registry.setCustom("gadgets.example.com", List.of(second));

        assertThat(registry.sharingStorage(second.spec().gvr())).isEmpty();
    }

    private static StoredKind gadgets(String version) {
        KindSpec spec =
                KindSpec.namespaced("example.com", version, "Gadget", "gadgets").storedAt("example.com/gadgets");
        return () -> spec;
    }
}
