package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a watch does by the clock.
final class WatchingTest {

    private final StoredWorld world = new StoredWorld();
    private final List<String> events = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void bookmarksOnceAMinuteWhereTheClientTakesBookmarks() {
        try (var _ = watch(true)) {
            List<RunnableScheduledFuture<?>> periodic = timers();
            assertThat(periodic)
                    .singleElement()
                    .satisfies(timer ->
                            assertThat(timer.getDelay(TimeUnit.SECONDS)).isBetween(1L, 60L));
            periodic.getFirst().run();
            assertThat(events).containsExactly("BOOKMARK");
        }
        assertThat(timers()).as("of a watch that has ended").allMatch(RunnableScheduledFuture::isCancelled);
    }

    @Test
    void bookmarksNothingUnasked() {
        try (var _ = watch(false)) {
            assertThat(timers()).isEmpty();
        }
    }

    private List<RunnableScheduledFuture<?>> timers() {
        return world.scheduler.getQueue().stream()
                .<RunnableScheduledFuture<?>>map(task -> (RunnableScheduledFuture<?>) task)
                .filter(RunnableScheduledFuture::isPeriodic)
                .toList();
    }

    private ObjectWatch watch(boolean bookmarks) {
        var options = new ListOptions("", "", 0, "", "", "", Optional.empty(), bookmarks, 600);
        var listing = new Listing(world.storage, world.objects, world.scheduler);
        return new Watching(world.engine, world.objects, listing)
                .start(Target.collection(world.kind, "default"), options, new WatchSink() {
                    @Override
                    public boolean onEvent(String type, ObjectNode object) {
                        return events.add(type);
                    }

                    @Override
                    public void onEnd() {
                        // as it is closed
                    }
                });
    }
}
