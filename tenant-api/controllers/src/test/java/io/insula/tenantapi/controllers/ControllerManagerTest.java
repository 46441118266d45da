package io.insula.tenantapi.controllers;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class ControllerManagerTest {

    private record Probe(Function<Key, Outcome> body) implements ControllerFactory {
        @Override
        public String name() {
            return "probe";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new Controller() {
                @Override
                public ControllerSpec spec() {
                    return ControllerSpec.of(Resources.CONFIG_MAPS);
                }

                @Override
                public Outcome reconcile(Key key) {
                    return body.apply(key);
                }
            };
        }
    }

    @Test
    void reconcilesWhatIsThereAndWhatComes() {
        var seen = new CopyOnWriteArrayList<Key>();
        try (var fixture = new ManagerFixture(new Probe(key -> {
            seen.add(key);
            return Outcome.SETTLED;
        }))) {
            fixture.create(Resources.CONFIG_MAPS, "default", "{metadata: {name: one}}");
            await("the first", () -> seen.contains(new Key("default", "one")));
        }
    }

    @Test
    void retriesAfterAnExceptionUntilItSucceeds() {
        var runs = new AtomicInteger();
        try (var fixture = new ManagerFixture(new Probe(key -> {
            if (runs.incrementAndGet() < 4) {
                throw ApiException.modified(Resources.CONFIG_MAPS, key.name());
            }
            return Outcome.SETTLED;
        }))) {
            fixture.create(Resources.CONFIG_MAPS, "default", "{metadata: {name: one}}");
            await("the fourth run", () -> runs.get() == 4);
        }
    }

    @Test
    void looksAgainAfterTheDelayAsked() {
        var runs = new AtomicInteger();
        try (var fixture = new ManagerFixture(new Probe(key ->
                runs.incrementAndGet() < 3 ? Outcome.after(Duration.ofMillis(5), "the third run") : Outcome.SETTLED))) {
            fixture.create(Resources.CONFIG_MAPS, "default", "{metadata: {name: one}}");
            await("the third run", () -> runs.get() == 3);
        }
    }

    @Test
    void listsAgainWhenTheWatchEnds() {
        var seen = new CopyOnWriteArrayList<Key>();
        try (var fixture = new ManagerFixture(new Probe(key -> {
            seen.add(key);
            return Outcome.SETTLED;
        }))) {
            fixture.create(Resources.CONFIG_MAPS, "default", "{metadata: {name: one}}");
            await("the first", () -> seen.contains(new Key("default", "one")));
            fixture.api.endWatches();
            fixture.api.delete(Resources.CONFIG_MAPS, "default", "one", FakeApi.options());
            seen.clear();
            fixture.create(Resources.CONFIG_MAPS, "default", "{metadata: {name: two}}");
            await(
                    "the deletion and the second",
                    () -> seen.containsAll(List.of(new Key("default", "one"), new Key("default", "two"))));
        }
    }

    @Test
    void refusesTwoControllersOfOneName() {
        var probe = new Probe(key -> Outcome.SETTLED);
        assertThatThrownBy(() -> new ControllerManagers(List.of(probe, probe)))
                .hasMessage("controller: probe (expected: one of each name)");
    }

    @Test
    void countsARepeatedEventInsteadOfWritingItAgain() {
        try (var fixture = new ManagerFixture()) {
            var pod = fixture.create(Resources.PODS, "default", "{apiVersion: v1, kind: Pod, metadata: {name: p}}");
            var recorder = new EventRecorder(fixture.api, Clock.systemUTC(), "kubelet");
            recorder.normal(pod, "Started", "Started container");
            recorder.normal(pod, "Started", "Started container");
            assertThat(fixture.list(Resources.EVENTS, "default"))
                    .singleElement()
                    .satisfies(e -> assertThat(e.path("count").asInt()).isEqualTo(2))
                    .satisfies(e ->
                            assertThat(e.at("/involvedObject/name").asText()).isEqualTo("p"));
        }
    }
}
