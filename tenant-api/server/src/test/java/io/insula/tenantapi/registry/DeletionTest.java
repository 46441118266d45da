package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Deletion at once, gracefully, and held back by finalizers.
final class DeletionTest {

    private final Rig rig = new Rig();
    private final Target map = rig.at("", "configmaps", "default", "a");
    private final Target pod = rig.at("", "pods", "default", "p");

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void plainObjectsGoAtOnceWithAStatus() {
        ObjectNode made = rig.create("", "configmaps", "default", "{metadata: {name: a}}");

        ObjectNode answer = rig.delete(map, "{}");

        assertThat(answer.path("status").asText()).isEqualTo("Success");
        assertThat(answer.at("/details/uid").asText()).isEqualTo(Meta.uid(made));
        assertThat(answer.at("/details/kind").asText()).isEqualTo("configmaps");
        assertGone(map);
    }

    @Test
    void finalizersHoldAnObjectUntilTheLastIsRemoved() {
        rig.create("", "configmaps", "default", "{metadata: {name: a, finalizers: [x.io/a]}}");

        ObjectNode held = rig.delete(map, "{}");
        assertThat(Meta.isBeingDeleted(held)).isTrue();
        assertThat(held.at("/metadata/deletionGracePeriodSeconds").asInt(-1)).isZero();

        ObjectNode more = held.deepCopy();
        Meta.of(more).withArrayProperty("finalizers").add("x.io/b");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.update(map, more))
                .withMessageContaining("no new finalizers can be added if the object is being deleted");

        Meta.of(held).remove("finalizers");
        rig.update(map, held);
        assertGone(map);
    }

    @Test
    void foregroundDeletionWaitsForTheGarbageCollector() {
        rig.create("", "configmaps", "default", "{metadata: {name: a}}");

        ObjectNode held = rig.delete(map, "{propagationPolicy: Foreground}");

        assertThat(Meta.finalizers(held)).containsExactly("foregroundDeletion");
        assertThat(Meta.finalizers(rig.delete(map, "{propagationPolicy: Orphan}")))
                .containsExactly("orphan");
    }

    @Test
    void gracefulDeletionMayOnlyBeShortened() {
        rig.create("", "pods", "default", "{metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}");

        assertThat(grace(rig.delete(pod, "{}"))).isEqualTo(30);
        assertThat(grace(rig.delete(pod, "{gracePeriodSeconds: 60}"))).isEqualTo(30);
        assertThat(grace(rig.delete(pod, "{gracePeriodSeconds: 5}"))).isEqualTo(5);
        rig.delete(pod, "{gracePeriodSeconds: 0}");
        assertGone(pod);
    }

    @Test
    void gracePeriodsAreAnyNumber() {
        rig.create("", "pods", "default", "{metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}");

        ObjectNode longest = rig.delete(pod, "{gracePeriodSeconds: 9223372036854775807}");
        assertThat(grace(longest)).isEqualTo(Long.MAX_VALUE);
        assertThat(longest.at("/metadata/deletionTimestamp").asText()).isEqualTo("9999-12-31T23:59:59Z");
        ObjectNode shorter = rig.delete(pod, "{gracePeriodSeconds: 5}");
        assertThat(grace(shorter)).isEqualTo(5);
        assertThat(Meta.time(shorter.at("/metadata/deletionTimestamp")).orElseThrow())
                .isAfter(Meta.created(shorter).orElseThrow())
                .isBefore(Instant.parse("9999-01-01T00:00:00Z"));
    }

    @Test
    void preconditionsProtectAnotherIncarnation() {
        rig.create("", "configmaps", "default", "{metadata: {name: a}}");

        for (String precondition : List.of("uid: other", "resourceVersion: '1'")) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> rig.delete(map, "{preconditions: {" + precondition + "}}"))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(409));
        }
    }

    @Test
    void namespacesGoOnlyWhenFinalized() {
        rig.create("", "namespaces", "", "{metadata: {name: n}}");
        Target target = rig.at("", "namespaces", "", "n");

        ObjectNode terminating = rig.delete(target, "{}");
        assertThat(terminating.at("/status/phase").asText()).isEqualTo("Terminating");
        assertThat(rig.delete(target, "{}").at("/metadata/uid")).isEqualTo(terminating.at("/metadata/uid"));

        ((ObjectNode) terminating.path("spec")).remove("finalizers");
        rig.update(target.withSubresource("finalize"), terminating);
        assertGone(target);
    }

    @Test
    void collectionsAreDeletedByWhatTheListShows() {
        for (String name : List.of("a", "b", "c")) {
            rig.create("", "configmaps", "default", "{metadata: {name: " + name + ", labels: {n: " + name + "}}}");
        }
        Target all = Target.collection(rig.kind("", "configmaps"), "default");

        ObjectPage deleted =
                rig.store.deleteCollection(all, ListOptions.selecting("n!=b", ""), DeleteOptions.DEFAULT, Rig.caller());

        assertThat(deleted.items()).hasSize(2);
        assertThat(rig.store.list(all, ListOptions.ALL).items())
                .extracting(o -> Meta.name(o))
                .containsExactly("b");
    }

    private static long grace(ObjectNode object) {
        return object.at("/metadata/deletionGracePeriodSeconds").asLong();
    }

    private void assertGone(Target target) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.store.get(target, Rig.caller()))
                .satisfies(e -> assertThat(e.code()).isEqualTo(404));
    }
}
