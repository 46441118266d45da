package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.view.PodView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The files that scripts make in a pod's `emptyDir` volumes, which begin empty. Files of images and other volumes are
/// taken to be there. Used by one thread.
final class ScratchFiles {

    private static final int MOST = 200;

    private final Set<String> made = new HashSet<>();

    /// What is made so far.
    Set<String> made() {
        return Set.copyOf(made);
    }

    /// As one container of the pod sees them.
    Of of(JsonNode pod, JsonNode container) {
        var empty = new HashSet<String>();
        for (JsonNode volume : PodView.of(pod).spec().volumes()) {
            if (volume.has("emptyDir")) {
                empty.add(volume.path("name").asText());
            }
        }
        var mounts = new TreeMap<String, String>();
        for (JsonNode mount : container.path("volumeMounts")) {
            String volume = mount.path("name").asText();
            parts(mount.path("mountPath").asText())
                    .ifPresent(path -> mounts.put(
                            join(path),
                            !empty.contains(volume) || mount.has("subPathExpr")
                                    ? ""
                                    : "/" + volume
                                            + parts("/" + mount.path("subPath").asText(""))
                                                    .map(ScratchFiles::join)
                                                    .orElse("")));
        }
        return new Of(mounts);
    }

    private static String join(List<String> parts) {
        return parts.isEmpty() ? "" : "/" + String.join("/", parts);
    }

    /// Empty for a path that is not absolute, or leads upwards.
    private static Optional<List<String>> parts(String path) {
        if (!path.startsWith("/")) {
            return Optional.empty();
        }
        var parts = new ArrayList<String>();
        for (String part : path.split("/", -1)) {
            if (part.equals("..")) {
                return Optional.empty();
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return Optional.of(parts);
    }

    final class Of {

        private final Map<String, String> mounts;

        private Of(Map<String, String> mounts) {
            this.mounts = Map.copyOf(mounts);
        }

        boolean has(String path) {
            return place(path).map(made::contains).orElse(true);
        }

        /// And the folders that it is in.
        void make(String path) {
            Optional<String> place = place(path);
            if (place.isPresent() && made.size() >= MOST) {
                throw new Unknowable("many files");
            }
            String at = place.orElse("");
            while (!at.isEmpty()) {
                made.add(at);
                at = at.substring(0, at.lastIndexOf('/'));
            }
        }

        void remove(String path) {
            place(path).ifPresent(place -> made.removeIf(file -> file.equals(place) || file.startsWith(place + "/")));
        }

        /// Empty where it is in no `emptyDir`, or one itself.
        private Optional<String> place(String path) {
            Optional<List<String>> parts = parts(path);
            for (int length = parts.map(List::size).orElse(0); length >= 0 && parts.isPresent(); length--) {
                String volume = mounts.get(join(parts.get().subList(0, length)));
                if (volume != null) {
                    String inside = join(parts.get().subList(length, parts.get().size()));
                    return volume.isEmpty() || inside.isEmpty() ? Optional.empty() : Optional.of(volume + inside);
                }
            }
            return Optional.empty();
        }
    }
}
