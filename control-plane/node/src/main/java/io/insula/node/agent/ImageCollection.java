package io.insula.node.agent;

import io.insula.node.eviction.Observed;
import io.insula.node.eviction.Signal;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.Images.Image;
import io.insula.node.runtime.RuntimeFailure;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes images that nobody uses, those that were used longest ago first. What came by hand, from no registry, stays:
/// nobody could fetch it again. Confined to one thread.
///
/// Source: kubernetes, `pkg/kubelet/images/image_gc_manager.go`.
final class ImageCollection {

    private static final Logger LOG = LoggerFactory.getLogger(ImageCollection.class);
    private static final int ALL = 100;

    private final ContainerRuntime runtime;
    private final ImageLimits limits;
    private final Map<String, Instant> found = new HashMap<>();
    private final Map<String, Instant> used = new HashMap<>();

    ImageCollection(ContainerRuntime runtime, ImageLimits limits) {
        this.runtime = runtime;
        this.limits = limits;
    }

    /// Makes room where the disk is too full.
    void collect(Observed observed, Instant now) {
        List<Image> candidates = candidates(now);
        Observed.Left left = observed.left().get(Signal.IMAGE_FILES);
        if (left == null || left.capacity() == 0) {
            return;
        }
        long percent = ALL - left.available() * ALL / left.capacity();
        if (percent >= limits.high()) {
            long wanted = left.capacity() / ALL * (ALL - limits.low()) - left.available();
            long freed = free(candidates, wanted, now);
            if (freed < wanted) {
                LOG.atWarn()
                        .addKeyValue("bytesWanted", wanted)
                        .addKeyValue("bytesFreed", freed)
                        .log("not enough images are unused");
            }
        }
    }

    /// Removes all that can be, as pods would have to give way next.
    void collectAll(Instant now) {
        free(candidates(now), Long.MAX_VALUE, now);
    }

    private long free(List<Image> candidates, long wanted, Instant now) {
        long freed = 0;
        for (Image image : candidates) {
            boolean isYoung =
                    found.getOrDefault(image.id(), now).plus(limits.age()).isAfter(now);
            if (freed < wanted && !isYoung) {
                try {
                    runtime.images().remove(image.id());
                    freed += image.bytes();
                    LOG.atInfo().addKeyValue("image", image.tags()).log("removed an image that nobody uses");
                } catch (RuntimeFailure.Refused e) {
                    LOG.atWarn().addKeyValue("image", image.id()).setCause(e).log("cannot remove an image");
                }
            }
        }
        return freed;
    }

    /// The longest unused first.
    private List<Image> candidates(Instant now) {
        Set<String> inUse = new HashSet<>();
        for (Container container : runtime.containers()) {
            inUse.add(container.image());
            inUse.add(container.imageRef());
        }
        List<Image> all = runtime.images().list();
        for (Image image : all) {
            found.putIfAbsent(image.id(), now);
            if (names(image).anyMatch(inUse::contains)) {
                used.put(image.id(), now);
            }
        }
        Set<String> ids = new HashSet<>(all.stream().map(Image::id).toList());
        found.keySet().retainAll(ids);
        used.keySet().retainAll(ids);
        return all.stream()
                .filter(image -> !image.pinned() && !image.digests().isEmpty())
                .filter(image -> names(image).noneMatch(inUse::contains))
                .sorted(Comparator.comparing((Image image) -> used.getOrDefault(image.id(), Instant.EPOCH))
                        .thenComparing(image -> found.getOrDefault(image.id(), now)))
                .toList();
    }

    private static Stream<String> names(Image image) {
        return Stream.concat(Stream.of(image.id()), Stream.concat(image.tags().stream(), image.digests().stream()));
    }
}
