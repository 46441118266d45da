package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What watchers see.
final class WatchTest {

    private final Rig rig = new Rig();
    private final Target all = Target.collection(rig.kind("", "configmaps"), "default");
    private final Recorder events = new Recorder();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void tellsTheStateFirstAndThenEveryChange() throws InterruptedException {
        rig.create("", "configmaps", "default", "{metadata: {name: a}}");
        rig.store.watch(all, ListOptions.ALL, events);
        Target a = rig.at("", "configmaps", "default", "a");

        assertThat(events.next()).isEqualTo("ADDED a");
        rig.patch(a, PatchRequest.Type.MERGE, "{data: {x: '1'}}");
        assertThat(events.next()).isEqualTo("MODIFIED a");
        rig.create("", "configmaps", "other", "{metadata: {name: unseen}}");
        rig.delete(a, "{}");
        assertThat(events.next()).isEqualTo("DELETED a");
        assertThat(Long.parseLong(Meta.resourceVersion(events.last()))).isEqualTo(rig.storage.currentRevision());
    }

    @Test
    void entersAndLeavesSelections() throws InterruptedException {
        rig.create("", "configmaps", "default", "{metadata: {name: a}}");
        rig.store.watch(all, ListOptions.selecting("on=yes", ""), events);
        Target a = rig.at("", "configmaps", "default", "a");

        rig.patch(a, PatchRequest.Type.MERGE, "{metadata: {labels: {on: 'yes'}}}");
        assertThat(events.next()).isEqualTo("ADDED a");
        rig.patch(a, PatchRequest.Type.MERGE, "{data: {x: '1'}}");
        assertThat(events.next()).isEqualTo("MODIFIED a");
        rig.patch(a, PatchRequest.Type.MERGE, "{metadata: {labels: {on: 'no'}}}");
        assertThat(events.next()).isEqualTo("DELETED a");
        assertThat(Meta.labels(events.last())).containsEntry("on", "yes");
    }

    @Test
    void closesTheInitialEventsWithABookmark() throws InterruptedException {
        rig.create("", "configmaps", "default", "{metadata: {name: a}}");
        var options = new ListOptions("", "", 0, "", "", "NotOlderThan", Optional.of(true), true, 0);

        rig.store.watch(all, options, events);

        assertThat(events.next()).isEqualTo("ADDED a");
        assertThat(events.next()).isEqualTo("BOOKMARK ");
        assertThat(Meta.annotations(events.last())).containsEntry("k8s.io/initial-events-end", "true");
    }

    @Test
    void continuesAfterAGivenRevision() throws InterruptedException {
        ObjectNode first = rig.create("", "configmaps", "default", "{metadata: {name: a}}");
        rig.create("", "configmaps", "default", "{metadata: {name: b}}");

        rig.store.watch(all, ListOptions.ALL.at(Meta.resourceVersion(first)), events);

        assertThat(events.next()).isEqualTo("ADDED b");
    }

    @Test
    void refusesInitialEventsWithoutTheirMatch() {
        var options = new ListOptions("", "", 0, "", "", "", Optional.of(true), true, 0);

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.store.watch(all, options, events))
                .satisfies(e -> assertThat(e.code()).isEqualTo(422));
    }

    @Test
    void endsAtItsTimeoutWithABookmarkBefore() throws InterruptedException {
        var options = new ListOptions("", "", 0, "", "", "", Optional.empty(), true, 3);

        rig.store.watch(all, options, events);

        assertThat(events.next()).isEqualTo("BOOKMARK ");
        assertThat(events.next()).isEqualTo("end");
    }

    private static final class Recorder implements WatchSink {
        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        private volatile ObjectNode last = Rig.yaml("{}");

        String next() throws InterruptedException {
            String text = texts.poll(3, TimeUnit.MINUTES);
            return text == null ? "nothing came" : text;
        }

        ObjectNode last() {
            return last;
        }

        @Override
        public boolean onEvent(String type, ObjectNode object) {
            last = object;
            texts.add(type + " " + Meta.name(object));
            return true;
        }

        @Override
        public void onEnd() {
            texts.add("end");
        }
    }
}
