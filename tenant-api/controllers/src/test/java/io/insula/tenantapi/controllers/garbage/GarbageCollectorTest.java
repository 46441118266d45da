package io.insula.tenantapi.controllers.garbage;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.FakeApi;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GarbageCollectorTest {

    private final ManagerFixture fixture = new ManagerFixture(new GarbageCollector.Factory());

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void deletesWhatIsOwnedByTheDeletedAndWhatThatOwns() {
        ObjectNode owner = map("owner", null);
        ObjectNode child = map("child", owner);
        map("grandchild", child);
        map("stranger", null);
        fixture.api.delete(Resources.CONFIG_MAPS, "default", "owner", FakeApi.options());
        await("the grandchild to go", () -> !has("grandchild"));
        assertThat(has("child")).isFalse();
        assertThat(has("stranger")).isTrue();
    }

    @Test
    void deletesAnObjectWhoseOwnerNeverExisted() {
        map("lost", owner("nobody", "4a1e1c2e-0000-4000-8000-000000000000"));
        await("it to go", () -> !has("lost"));
    }

    @Test
    void keepsAnObjectWithOneOwnerLeftAndForgetsTheOther() {
        ObjectNode first = map("first", null);
        ObjectNode second = map("second", null);
        fixture.create(
                Resources.CONFIG_MAPS,
                "default",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: shared, ownerReferences: [" + reference(first)
                        + ", " + reference(second) + "]}}");
        fixture.api.delete(Resources.CONFIG_MAPS, "default", "first", FakeApi.options());
        await(
                "one owner",
                () -> fixture.get(Resources.CONFIG_MAPS, "default", "shared")
                                .path("metadata")
                                .path("ownerReferences")
                                .size()
                        == 1);
        assertThat(fixture.get(Resources.CONFIG_MAPS, "default", "shared")
                        .at("/metadata/ownerReferences/0/name")
                        .asText())
                .isEqualTo("second");
    }

    @Test
    void letsAnOwnerWaitForItsBlockingDependents() {
        ObjectNode owner = map("owner", null);
        fixture.create(
                Resources.CONFIG_MAPS,
                "default",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: slow, finalizers: [example.com/hold], ownerReferences:"
                        + " [" + reference(owner) + "]}}");
        fixture.api.delete(
                Resources.CONFIG_MAPS, "default", "owner", FakeApi.options().put("propagationPolicy", "Foreground"));
        await(
                "the dependent's deletion",
                () -> Meta.isBeingDeleted(fixture.get(Resources.CONFIG_MAPS, "default", "slow")));
        assertThat(has("owner")).isTrue();
        fixture.api.mergePatch(
                Resources.CONFIG_MAPS, "default", "slow", "", ManagerFixture.parse("{metadata: {finalizers: []}}"));
        await("the owner to go", () -> !has("owner"));
        List<String> writes = fixture.api.writes();
        assertThat(writes.indexOf("delete configmaps slow")).isPositive();
    }

    @Test
    void orphansOnRequest() {
        ObjectNode owner = map("owner", null);
        map("kept", owner);
        fixture.api.delete(
                Resources.CONFIG_MAPS, "default", "owner", FakeApi.options().put("propagationPolicy", "Orphan"));
        await("the owner to go", () -> !has("owner"));
        assertThat(fixture.get(Resources.CONFIG_MAPS, "default", "kept").at("/metadata/ownerReferences"))
                .isEmpty();
    }

    private boolean has(String name) {
        return fixture.has(Resources.CONFIG_MAPS, "default", name);
    }

    private ObjectNode map(String name, @Nullable ObjectNode owner) {
        String owners = owner == null ? "" : ", ownerReferences: [" + reference(owner) + "]";
        return fixture.create(
                Resources.CONFIG_MAPS,
                "default",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + owners + "}}");
    }

    private static ObjectNode owner(String name, String uid) {
        return ManagerFixture.parse("{metadata: {name: " + name + ", uid: " + uid + "}}");
    }

    private static String reference(ObjectNode owner) {
        return "{apiVersion: v1, kind: ConfigMap, name: " + Meta.name(owner) + ", uid: '" + Meta.uid(owner)
                + "', blockOwnerDeletion: true}";
    }
}
