package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// Which images the nodes have already. Kept from pod to pod, as nodes seldom change theirs. Confined to the
/// scheduler's thread.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/imagelocality`.
final class NodeImages {

    private static final long MEBI = 1024 * 1024;
    private static final long LEAST = 23 * MEBI;
    private static final long MOST_OF_ONE = 1000 * MEBI;

    private record Known(String version, Map<String, Long> sizes) {}

    private final Map<String, Known> known = new HashMap<>();

    /// From 0 to 100: how much of what the pod needs a node has; what many have counts more, so that a node that alone
    /// has an image does not get every pod of it.
    ///
    /// @param all nodes that there are; what was known of others is forgotten
    ToLongFunction<Spot> scores(ObjectNode pod, List<Spot> all) {
        forgetAllBut(all);
        var wanted = new ArrayList<String>();
        for (ContainerView container : PodView.of(pod).spec().containers()) {
            wanted.add(normal(container.image()));
        }
        var having = new HashMap<String, Integer>();
        for (Spot spot : all) {
            Map<String, Long> sizes = sizes(spot);
            if (!sizes.isEmpty()) {
                wanted.stream()
                        .distinct()
                        .filter(sizes::containsKey)
                        .forEach(image -> having.merge(image, 1, Integer::sum));
            }
        }
        if (having.isEmpty()) {
            return _ -> 0;
        }
        long most = MOST_OF_ONE * wanted.size();
        return spot -> {
            Map<String, Long> sizes = sizes(spot);
            long sum = 0;
            for (String image : wanted) {
                sum += sizes.getOrDefault(image, 0L) * having.getOrDefault(image, 0) / all.size();
            }
            return 100 * (Math.clamp(sum, LEAST, most) - LEAST) / (most - LEAST);
        };
    }

    private void forgetAllBut(List<Spot> all) {
        if (known.size() > all.size()) {
            known.keySet().retainAll(all.stream().map(Spot::name).collect(Collectors.toSet()));
        }
    }

    private Map<String, Long> sizes(Spot spot) {
        JsonNode told = spot.node().path("status").path("images");
        if (told.isEmpty()) {
            return Map.of();
        }
        String version = Meta.resourceVersion(spot.node());
        Known before = known.get(spot.name());
        if (before != null && !version.isEmpty() && before.version().equals(version)) {
            return before.sizes();
        }
        var sizes = new HashMap<String, Long>();
        for (JsonNode image : told) {
            image.path("names")
                    .forEach(name -> sizes.put(
                            normal(name.asText()), image.path("sizeBytes").asLong()));
        }
        known.put(spot.name(), new Known(version, sizes));
        return sizes;
    }

    /// With the tag that is meant where there is none.
    private static String normal(String image) {
        return image.lastIndexOf(':') <= image.lastIndexOf('/') ? image + ":latest" : image;
    }
}
