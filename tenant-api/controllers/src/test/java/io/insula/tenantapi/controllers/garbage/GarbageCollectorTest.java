package io.insula.tenantapi.controllers.garbage;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.FakeApi;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GarbageCollectorTest {

    private static final String LEASE = "coordination.k8s.io/v1";

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
        judgeAll();
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

    /// Nor does it go before dependents that the graph has not seen yet.
    @Test
    void letsAnOwnerWaitForBlockingDependentsThatHaveNotBeenSeen() {
        ObjectNode owner = map("owner", null);
        judgeAll();
        fixture.api.hold(Resources.LEASES);
        fixture.create(
                Resources.LEASES,
                "default",
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: unseen, ownerReferences: ["
                        + reference(owner) + "]}}");
        fixture.api.delete(
                Resources.CONFIG_MAPS, "default", "owner", FakeApi.options().put("propagationPolicy", "Foreground"));
        judgeAll();
        assertThat(has("owner")).isTrue();

        fixture.api.release(Resources.LEASES);
        await("the owner to go", () -> !has("owner"));
        assertThat(fixture.has(Resources.LEASES, "default", "unseen")).isFalse();
    }

    @Test
    void orphansOnRequest() {
        ObjectNode owner = map("owner", null);
        map("kept", owner);
        fixture.api.delete(
                Resources.CONFIG_MAPS, "default", "owner", FakeApi.options().put("propagationPolicy", "Orphan"));
        await("the owner to go", () -> !has("owner"));
        judgeAll();
        assertThat(fixture.get(Resources.CONFIG_MAPS, "default", "kept").at("/metadata/ownerReferences"))
                .isEmpty();
    }

    /// The graph follows the store at a distance: an owner that it does not know yet may be there all the same.
    @Test
    void keepsAnObjectWhoseOwnerHasNotBeenSeenYet() {
        fixture.api.hold(Resources.LEASES);
        ObjectNode owner = lease("unseen");
        fixture.create(
                Resources.CONFIG_MAPS,
                "default",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: early, ownerReferences: ["
                        + reference(owner, LEASE, "Lease") + "]}}");
        judgeAll();
        assertThat(has("early")).isTrue();

        fixture.api.release(Resources.LEASES);
        judgeAll();
        assertThat(has("early")).isTrue();
        fixture.api.delete(Resources.LEASES, "default", "unseen", FakeApi.options());
        await("it to go with its owner", () -> !has("early"));
    }

    /// Nor is a name enough: the next object of the owner's name is not the owner.
    @Test
    void deletesAnObjectWhoseOwnersNameIsAnothersNow() {
        fixture.api.hold(Resources.LEASES);
        lease("reborn");
        ObjectNode before = owner("reborn", "4a1e1c2e-0000-4000-8000-000000000001");
        fixture.create(
                Resources.CONFIG_MAPS,
                "default",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: old, ownerReferences: ["
                        + reference(before, LEASE, "Lease") + "]}}");
        await("it to go", () -> !has("old"));
    }

    /// Released a moment ago, which the graph has not seen yet.
    @Test
    void keepsAnObjectThatIsNobodysAnyMore() {
        ObjectNode owner = lease("owner");
        for (String name : List.of("released", "still")) {
            fixture.create(
                    Resources.CONFIG_MAPS,
                    "default",
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", ownerReferences: ["
                            + reference(owner, LEASE, "Lease") + "]}}");
        }
        judgeAll();
        fixture.api.hold(Resources.CONFIG_MAPS);
        fixture.api.mergePatch(
                Resources.CONFIG_MAPS,
                "default",
                "released",
                "",
                ManagerFixture.parse("{metadata: {ownerReferences: []}}"));
        fixture.api.delete(Resources.LEASES, "default", "owner", FakeApi.options());
        await("the other to go", () -> !has("still"));
        judgeAll(Resources.LEASES, "Lease");
        fixture.api.release(Resources.CONFIG_MAPS);
        judgeAll();
        assertThat(has("released")).isTrue();
    }

    /// A fence: when these are gone, the collector's ten workers have judged all that came before them.
    private void judgeAll() {
        judgeAll(Resources.CONFIG_MAPS, "ConfigMap");
    }

    private void judgeAll(GroupVersionResource resource, String kind) {
        for (int i = 0; i < 20; i++) {
            fixture.create(
                    resource,
                    "default",
                    "{kind: " + kind + ", metadata: {name: fence-" + i + ", ownerReferences: ["
                            + reference(owner("nobody", "4a1e1c2e-0000-4000-8000-000000000000")) + "]}}");
        }
        await(
                "the fence to go",
                () -> fixture.list(resource, "default").stream()
                        .noneMatch(object -> Meta.name(object).startsWith("fence-")));
    }

    private ObjectNode lease(String name) {
        return fixture.create(
                Resources.LEASES,
                "default",
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: " + name + "}}");
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
        return reference(owner, "v1", "ConfigMap");
    }

    private static String reference(ObjectNode owner, String version, String kind) {
        return "{apiVersion: " + version + ", kind: " + kind + ", name: " + Meta.name(owner) + ", uid: '"
                + Meta.uid(owner) + "', blockOwnerDeletion: true}";
    }
}
