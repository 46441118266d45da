package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.eviction.Observed;
import io.insula.node.eviction.Observed.Left;
import io.insula.node.eviction.Signal;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.Images;
import io.insula.node.runtime.Images.Image;
import io.insula.node.runtime.SandboxId;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ImageCollectionTest {

    private static final Instant BEGIN = Instant.parse("2026-11-29T12:00:00Z");
    private static final Instant LATER = BEGIN.plus(Duration.ofMinutes(3));
    private static final Observed ROOMY = disk(50);

    private final List<Image> images = new ArrayList<>();
    private final List<String> used = new ArrayList<>();
    private final ImageCollection collection = new ImageCollection(runtime(), ImageLimits.USUAL);

    @BeforeEach
    void fill() {
        images.addAll(List.of(
                image("long-unused", 10, true, false),
                image("used", 10, true, false),
                image("just-unused", 10, true, false),
                image("by-hand", 10, false, false),
                image("pause", 10, true, true)));
        used.add("used");
        used.add("just-unused");
        collection.collect(ROOMY, BEGIN);
        used.remove("just-unused");
    }

    @Test
    void removesWhatWasUsedLongestAgoUntilThereIsRoom() {
        collection.collect(disk(84), LATER);
        assertThat(names()).contains("long-unused");
        collection.collect(disk(86), LATER);
        assertThat(names()).containsExactly("used", "just-unused", "by-hand", "pause");
        collection.collect(disk(99), LATER);
        assertThat(names()).containsExactly("used", "by-hand", "pause");
    }

    @Test
    void leavesWhatHasJustCome() {
        images.add(image("fresh", 10, true, false));
        collection.collect(disk(99), LATER);
        assertThat(names()).contains("fresh").doesNotContain("long-unused");
    }

    @Test
    void removesAllThatNobodyUsesBeforePodsGiveWay() {
        collection.collectAll(LATER);
        assertThat(names()).containsExactly("used", "by-hand", "pause");
    }

    private List<String> names() {
        return images.stream().map(Image::id).toList();
    }

    private static Observed disk(int percentUsed) {
        return new Observed(Map.of(Signal.IMAGE_FILES, new Left(100 - percentUsed, 100)));
    }

    private static Image image(String id, long bytes, boolean fromRegistry, boolean pinned) {
        return new Image(
                id,
                List.of(),
                fromRegistry ? List.of(id + "@sha256:0") : List.of(),
                bytes,
                Optional.empty(),
                "",
                pinned);
    }

    private ContainerRuntime runtime() {
        Images store = fake(Images.class, (method, arguments) -> switch (method) {
            case "list" -> List.copyOf(images);
            case "remove" -> images.removeIf(image -> image.id().equals(arguments[0]));
            default -> throw new UnsupportedOperationException(method);
        });
        return fake(ContainerRuntime.class, (method, _) -> switch (method) {
            case "images" -> store;
            case "containers" ->
                used.stream().map(ImageCollectionTest::container).toList();
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static Container container(String image) {
        return new Container(
                new ContainerId(image),
                new SandboxId("s"),
                image,
                0,
                new Container.State.Unknown(),
                image,
                "",
                BEGIN,
                Map.of(),
                Map.of(),
                Optional.empty());
    }

    private interface Answer {
        Object to(String method, Object[] arguments);
    }

    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
                    Object said = answer.to(method.getName(), arguments);
                    return method.getReturnType() == void.class ? null : said;
                }));
    }
}
